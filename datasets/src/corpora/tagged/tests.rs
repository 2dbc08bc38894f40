use super::*;

#[test]
fn a_folder_with_several_treebanks_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let touch = |name: &str| std::fs::write(dir.path().join(name), "").unwrap();
    touch("en_ewt-ud-train.conllu");
    let ud = TagCorpus::UniversalDependencies;
    assert!(ud.train(dir.path()).unwrap().ends_with("en_ewt-ud-train.conllu"));
    assert!(ud.test(dir.path()).is_err());
    touch("de_gsd-ud-train.conllu");
    let error = ud.train(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("de_gsd-ud-train.conllu, en_ewt-ud-train.conllu"),
        "{error}"
    );
}
