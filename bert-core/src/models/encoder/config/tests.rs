use super::*;

#[test]
fn another_model_type_is_refused() {
    let error = BertConfig::from_json(r#"{"model_type": "gpt2", "vocab_size": "large"}"#).unwrap_err();
    assert!(error.to_string().contains("\"gpt2\"; only \"bert\""), "{error}");
}

#[test]
fn an_error_has_its_line() {
    let error = BertConfig::from_json("{\n  \"vocab_size\": \"large\"\n}").unwrap_err();
    assert!(error.to_string().contains("line 2 column"), "{error}");
}

#[test]
fn keys_of_another_family_are_mapped_both_ways() {
    let keys = [("dim", "hidden_size"), ("n_layers", "num_hidden_layers")];
    let text = r#"{"dim": 384, "n_layers": 6, "own": true}"#;
    let config = BertConfig::parse(text, &keys).unwrap();
    assert_eq!((config.hidden_size, config.num_hidden_layers), (384, 6));
    let written: Value = serde_json::from_str(&config.format(&keys)).unwrap();
    assert_eq!((&written["dim"], &written["n_layers"]), (&384.into(), &6.into()));
    assert_eq!(
        (written.get("hidden_size"), &written["own"]),
        (None, &true.into())
    );
}

#[test]
fn labels_are_named_as_transformers_names_them() {
    let labels = |id2label: &str| {
        let config = BertConfig::from_json(&format!(r#"{{"id2label": {id2label}}}"#));
        config.unwrap().labels().map(Option::unwrap)
    };
    assert_eq!(labels(r#"{"1": "b", "0": "a"}"#).unwrap(), ["a", "b"]);
    assert_eq!(labels(r#"{"0": 0, "1": 1}"#).unwrap(), ["0", "1"]);
    assert_eq!(labels(r#"{"0": "a", "2": "c"}"#).unwrap(), ["a", "LABEL_1", "c"]);
    assert_eq!(labels(r#"{"0": true}"#).unwrap(), ["true"]);
    for (id2label, part) in [
        (r#"{"no": "a"}"#, "the key \"no\""),
        (r#"{"-1": "a"}"#, "the key \"-1\""),
        (r#"{"0": null}"#, "names label 0 null"),
        (r#"{"4000000000": "a"}"#, "at most 1048576 labels"),
    ] {
        let error = labels(id2label).unwrap_err().to_string();
        assert!(error.contains("`id2label`") && error.contains(part), "{error}");
    }
}

#[test]
fn null_and_a_byte_order_mark_are_accepted() {
    let config = BertConfig::from_json(
        "\u{feff}{\"pad_token_id\": null, \"label2id\": [], \"classifier_dropout\": null}",
    );
    assert_eq!(config.unwrap().pad_token_id, 0);
}

#[test]
fn numbers_have_limits() {
    for (field, value) in [
        ("hidden_size", "4294967296"),
        ("hidden_size", "0"),
        ("intermediate_size", "9007199254740993"),
        ("max_position_embeddings", "4294967296"),
        ("num_attention_heads", "0"),
        ("num_hidden_layers", "4294967296"),
        ("num_hidden_layers", "18446744073709551615"),
        ("num_hidden_layers", "18446744073709551616"),
        ("num_hidden_layers", "-1"),
        ("num_hidden_layers", "1.5"),
        ("type_vocab_size", "257"),
        ("vocab_size", "4294967296"),
        ("pad_token_id", "30522"),
        ("pad_token_id", "-1"),
        ("layer_norm_eps", "-1"),
        ("layer_norm_eps", "1e999"),
        ("initializer_range", "-0.1"),
        ("hidden_dropout_prob", "1"),
        ("hidden_dropout_prob", "-0.1"),
        ("classifier_dropout", "2"),
    ] {
        let error = BertConfig::from_json(&format!("{{\"{field}\": {value}}}"));
        let error = error.expect_err(field).to_string();
        let named = error.contains(&format!("`{field}`")) || error.contains("line 1");
        assert!(named, "{field} {value}: {error}");
    }
}
