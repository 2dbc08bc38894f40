//! A checkpoint from which a run resumes: its list of files, its state, its configuration.
#![no_main]

use bert_fuzz::runs::{checkpoint, run};
use bert_fuzz::{Parts, file, joined, target};
use bert_train::Checkpoints;
use serde_json::{Map, json};

const FILES: [&str; 2] = ["state.toml", "config.json"];

/// The list of these files, whose checksums are right.
fn list(files: &[(&str, &[u8])]) -> String {
    let sum = |(name, bytes): &(&str, &[u8])| {
        let sum = format!("{:08x}", crc32c::crc32c(bytes));
        ((*name).to_owned(), json!({"bytes": bytes.len(), "crc32c": sum}))
    };
    json!({"step": 1, "files": files.iter().map(sum).collect::<Map<_, _>>()}).to_string()
}

target!(
    |input| {
        let parts = Parts::of(input);
        let dir = parts.write("resumed/checkpoints/step-1", &FILES);
        let given = FILES.iter().filter_map(|name| Some((*name, parts.get(name)?)));
        let files: Vec<(&str, &[u8])> = given
            .chain([("weights.bpk", &b""[..]), ("optimizer.bpk", b"")])
            .collect();
        let list = parts
            .get("checkpoint.json")
            .map_or_else(|| list(&files).into(), <[u8]>::to_vec);
        file("resumed/checkpoints/step-1/checkpoint.json", &list);
        let run = dir.ancestors().nth(2).expect("it is in a run");
        let found = Checkpoints::new(run, 1).newest().expect("the folder can be read");
        if let Some(checkpoint) = found.newest {
            let _ = checkpoint.start();
        }
    },
    || {
        for name in ["tokenizer.json", "vocab.txt", "tokenizer_config.json"] {
            let bytes = std::fs::read(checkpoint().join(name)).expect("it has been written");
            file(&format!("resumed/checkpoints/step-1/{name}"), &bytes);
        }
        for name in ["weights.bpk", "optimizer.bpk"] {
            file(&format!("resumed/checkpoints/step-1/{name}"), b"");
        }
        let read = |name| std::fs::read(checkpoint().join(name)).expect("it has been written");
        assert!(run().is_dir());
        vec![
            joined(&FILES.map(|name| (name, read(name)))),
            joined(&[
                ("checkpoint.json", read("checkpoint.json")),
                ("state.toml", read("state.toml")),
            ]),
        ]
    }
);
