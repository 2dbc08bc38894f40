use serde_json::json;

use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/parquet")
        .join(name)
}

fn rows(path: &Path) -> Result<Vec<Value>, String> {
    let rows = ParquetRows::open(path).map_err(|e| e.to_string())?;
    rows.map(|row| row.map(|(_, value)| value).map_err(|e| e.to_string()))
        .collect()
}

/// What tests/fixtures/parquet.py writes, without its lists of lists.
fn reviews() -> Vec<Value> {
    let x = "x".repeat(40);
    let texts = [
        json!("good film"),
        json!(""),
        json!("b\u{e4}d\nplot"),
        Value::Null,
        json!("good film"),
        json!(x),
    ];
    let stars = [
        json!(1),
        json!(2),
        Value::Null,
        json!(4),
        json!(5),
        json!(1_099_511_627_776_i64),
    ];
    let scores = [
        json!(4.8),
        json!(-1.5),
        json!(0.0),
        Value::Null,
        json!(2.25),
        json!(1e10),
    ];
    let good = [
        json!(true),
        json!(false),
        json!(true),
        Value::Null,
        json!(false),
        json!(true),
    ];
    let tokens = [
        json!(["good", "film"]),
        json!([]),
        json!(["b\u{e4}d"]),
        Value::Null,
        json!(["a", null]),
        json!(["x", "x", "x", "x", "x"]),
    ];
    let row = |row: usize| {
        json!({
            "text": texts[row], "stars": stars[row], "score": scores[row], "good": good[row], "tokens": tokens[row],
            "meta": {"id": row, "tags": [row, row + 1]},
        })
    };
    (0..6).map(row).collect()
}

#[test]
fn files_of_several_programs_are_read() {
    for name in ["snappy", "plain_pages", "version_2", "polars"] {
        let found = rows(&fixture(&format!("{name}.parquet"))).unwrap();
        assert_eq!(found, reviews(), "{name}");
    }
    let expected: Vec<Value> = reviews()
        .into_iter()
        .enumerate()
        .map(|(number, row)| json!({"text": row["text"], "number": number}))
        .collect();
    assert_eq!(rows(&fixture("fastparquet.parquet")).unwrap(), expected);
}

#[test]
fn numbered_labels_get_their_names() {
    let file = ParquetRows::open(&fixture("labels.parquet")).unwrap();
    assert_eq!(file.label_names()["label"], ["World", "Sports", "Business"]);
    assert_eq!(file.label_names().get("text"), None);
    let rows = rows(&fixture("labels.parquet")).unwrap();
    assert_eq!(rows[1], json!({"text": "story 1", "label": "Sports"}));
    // -1 means that there is no label.
    assert_eq!(rows[11]["label"], Value::Null);
    let tags = super::tests::rows(&fixture("tags.parquet")).unwrap();
    assert_eq!(tags[0]["ner_tags"], json!(["B-PER", "I-PER", "O"]));
    assert_eq!(tags[1]["pos_tags"], json!([3, 2]));
}

#[test]
fn a_folder_and_a_pattern_are_all_their_files() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "train-00000-of-00002",
        "train-00001-of-00002",
        "test-00000-of-00001",
    ] {
        std::fs::copy(
            fixture("labels.parquet"),
            dir.path().join(format!("{name}.parquet")),
        )
        .unwrap();
    }
    std::fs::write(dir.path().join("README.md"), "").unwrap();
    assert_eq!(parquet_files(dir.path()).len(), 3);
    let train = dir.path().join("train-*.parquet");
    assert_eq!(parquet_files(&train).len(), 2);
    let read: Vec<usize> = ParquetRows::open(&train)
        .unwrap()
        .map(|row| row.unwrap().0.line)
        .collect();
    assert_eq!(read, (1..=24).collect::<Vec<_>>());
    assert_eq!(
        parquet_files(&dir.path().join("README.md")),
        [""; 0].map(PathBuf::from)
    );
    assert!(parquet_files(&dir.path().join("no")).is_empty());
}

#[test]
fn a_missing_file_of_several_is_named() {
    let check = |names: &[&str], path: &str| {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::copy(fixture("labels.parquet"), dir.path().join(name)).unwrap();
        }
        let path = dir.path().join(path);
        let read = ParquetRows::open(&path).map(drop).map_err(|e| e.to_string());
        read.map_err(|error| error.replace(&dir.path().display().to_string(), "dir"))
    };
    let one = "train-00000-of-00003.parquet";
    let three = [
        one,
        "train-00001-of-00003.parquet",
        "train-00002-of-00003.parquet",
    ];
    let hashed = [
        "train-00000-of-00002-a09b74b3.parquet",
        "train-00001-of-00002-ff.parquet",
    ];
    for (names, path) in [
        (&three[..], "train-*.parquet"),
        (&three, ""),
        (&hashed, ""),
        (&["part-1-of-2.parquet", "part-2-of-2.parquet"], ""),
        // A part that somebody chooses, and other names.
        (&three[..1], one),
        (&three[..2], "train-0000*.parquet"),
        (&three[..1], "*-00000-of-00003.parquet"),
        (
            &[
                "0001.parquet",
                "one-of-3.parquet",
                "1-of-0.parquet",
                "1-of-many.parquet",
            ],
            "",
        ),
    ] {
        assert_eq!(check(names, path), Ok(()), "{names:?}");
    }
    for (names, path, expected) in [
        (
            &three[..1],
            "",
            "dir/: 1 of the 3 parts of the data are here; missing: train-00001-of-00003.parquet, \
             train-00002-of-00003.parquet; download them too",
        ),
        (
            &three[1..],
            "train-*.parquet",
            "dir: 2 of the 3 parts of the data are here; missing: train-00000-of-00003.parquet;",
        ),
        (&hashed[1..], "", "missing: train-00000-of-00002-*.parquet;"),
        (
            &["7-of-18446744073709551615.parquet"],
            "",
            "missing: 0-of-18446744073709551615.parquet, 1-of-18446744073709551615.parquet, \
             2-of-18446744073709551615.parquet and 18446744073709551611 more;",
        ),
        (
            &["1-of-1.parquet", "0-of-1.parquet"],
            "",
            "the name of 1-of-1.parquet has a number that is not below 1",
        ),
        (
            &[one, "train-00000-of-00001.parquet"],
            "",
            "are of different divisions of the data",
        ),
        (
            &[hashed[0], hashed[1], "train-00001-of-00002.parquet"],
            "",
            "are the same part of the data",
        ),
        (
            &["a-0-of-1.parquet", "b-0-of-2.parquet"],
            "",
            "missing: b-1-of-2.parquet",
        ),
    ] {
        let error = check(names, path).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let error = rows(&fixture("brotli.parquet")).unwrap_err();
    assert!(
        error.contains(
            "brotli.parquet: not a readable Parquet file: column `text`, row 1: the values are compressed with Brotli"
        ),
        "{error}"
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.parquet");
    let whole = std::fs::read(fixture("snappy.parquet")).unwrap();
    for (bytes, expected) in [
        (&whole[..1000], "the download may be incomplete"),
        (&whole[..5], "the file is too short"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
            "this is a Git LFS pointer and not the file itself",
        ),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = rows(&path).unwrap_err();
        assert!(
            error.contains("cut.parquet") && error.contains(expected),
            "{error}"
        );
    }
    assert!(
        rows(&dir.path().join("no.parquet"))
            .unwrap_err()
            .contains("no.parquet")
    );
}

#[test]
fn a_file_is_too_small_for_very_many_fields() {
    let whole = std::fs::read(fixture("snappy.parquet")).unwrap();
    let (body, end) = whole.split_at(whole.len() - 8);
    let length = u32::from_le_bytes(*end.first_chunk().unwrap()) as usize;
    let (data, metadata) = body.split_at(body.len() - length);
    // The row group's number of rows, before its place in the file.
    let (six, many) = ([0x16, 12, 0x26], [0x16, 0x80, 0xf7, 0x02, 0x26]);
    let at = metadata.windows(3).position(|bytes| bytes == six).unwrap();
    let metadata = [&metadata[..at], &many, &metadata[at + 3..]].concat();
    let length = (metadata.len() as u32).to_le_bytes();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.parquet");
    std::fs::write(&path, [data, &metadata, &length, b"PAR1"].concat()).unwrap();
    let error = rows(&path).unwrap_err();
    assert!(error.contains("24000 rows of 7 columns"), "{error}");
}

/// Files with changed bytes are read or refused.
#[test]
fn damaged_files_are_refused_and_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.parquet");
    for name in ["snappy", "version_2", "polars", "tags"] {
        let whole = std::fs::read(fixture(&format!("{name}.parquet"))).unwrap();
        let mut random = crate::demo::Random::new(1);
        for _ in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                bytes[at] = random.next_u64() as u8;
            }
            std::fs::write(&path, &bytes).unwrap();
            let _ = rows(&path);
        }
    }
}
