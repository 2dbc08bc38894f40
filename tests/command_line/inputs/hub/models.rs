//! Models by name: downloads, the cache, and network faults.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::server::{COMMIT, Fault, Server, run, with_hub};
use crate::program::World;

const TRAIN: &str =
    "train classify --model owner/small --data reviews.csv --output run --epochs 1 --device flex";

#[test]
fn a_model_is_downloaded_once_and_then_found_in_the_cache() {
    let world = World::new();
    let server = Server::start(world.path("model"), Fault::None);
    let fetched = run(&mut with_hub(&world, "fetch owner/small", &server));
    assert_eq!(fetched.code, 0, "{}", fetched.err);
    let dir = PathBuf::from(fetched.out.trim());
    assert_eq!(dir.file_name().unwrap(), COMMIT);
    assert!(
        dir.ends_with(format!("cache/hub/models--owner--small/snapshots/{COMMIT}")),
        "{}",
        dir.display()
    );
    for name in ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"] {
        let original = std::fs::read(world.path("model").join(name)).unwrap();
        assert_eq!(std::fs::read(dir.join(name)).unwrap(), original, "{name}");
    }
    assert_eq!(server.count("README"), 0);

    // The cache works without the network, by name and by the commit in run.toml.
    let offline = run(with_hub(&world, TRAIN, &server).env("HF_HUB_OFFLINE", "1"));
    assert_eq!(offline.code, 0, "{}", offline.err);
    let settings = world.read("run/run.toml");
    assert!(
        settings.contains(&format!("model = \"owner/small@{COMMIT}\"")),
        "{settings}"
    );
    let again = "train classify --config run/run.toml --output again";
    let again = run(with_hub(&world, again, &server).env("HF_HUB_OFFLINE", "1"));
    assert_eq!(again.code, 0, "{}", again.err);
    let weights = |run: &str| std::fs::read(world.path(run).join("model/model.safetensors")).unwrap();
    assert!(
        weights("run") == weights("again"),
        "the same settings gave other weights"
    );
    assert!(
        world
            .read("run/model/README.md")
            .contains("base_model: \"owner/small\"")
    );
}

#[test]
fn weights_in_several_files_are_downloaded_with_their_index() {
    let world = World::new();
    let model = world.path("model");
    std::fs::rename(model.join("model.safetensors"), model.join("part-1.safetensors")).unwrap();
    let write = |files: &str| {
        let index = format!("{{\"weight_map\": {{{files}}}}}");
        std::fs::write(model.join("model.safetensors.index.json"), index).unwrap();
    };
    std::fs::write(model.join("added_tokens.json"), "{}").unwrap();
    write("\"a\": \"part-1.safetensors\", \"b\": \"part-2.safetensors\"");
    let server = Server::start(model.clone(), Fault::None);
    run(&mut with_hub(&world, "fetch owner/small", &server))
        .refused("fetch", &["owner/small", "part-2.safetensors"]);
    write("\"a\": \"part-1.safetensors\"");
    let fetch = |server: &Server| {
        let mut command = with_hub(&world, "fetch owner/small", server);
        run(command.env("HF_HUB_CACHE", world.path("whole")))
    };
    let fetched = fetch(&server);
    assert_eq!(fetched.code, 0, "{}", fetched.err);
    let dir = PathBuf::from(fetched.out.trim());
    for name in [
        "part-1.safetensors",
        "model.safetensors.index.json",
        "added_tokens.json",
    ] {
        assert!(dir.join(name).is_file(), "{name}");
    }
    let trained = run(with_hub(&world, TRAIN, &server)
        .env("HF_HUB_CACHE", world.path("whole"))
        .env("HF_HUB_OFFLINE", "1"));
    assert_eq!(trained.code, 0, "{}", trained.err);
    // Without a file of the index, the model is not complete, and is downloaded.
    std::fs::remove_file(dir.join("part-1.safetensors")).unwrap();
    assert_eq!(fetch(&server).code, 0);
    assert!(dir.join("part-1.safetensors").is_file());
}

#[test]
fn slow_and_broken_connections_end_with_the_complete_model() {
    for fault in [Fault::Slow, Fault::Cut(20_000)] {
        let world = World::new();
        let server = Server::start(world.path("model"), fault);
        let fetched = run(&mut with_hub(&world, "fetch owner/small@main", &server));
        assert_eq!(fetched.code, 0, "{fault:?}: {}", fetched.err);
        let weights = std::fs::read(PathBuf::from(fetched.out.trim()).join("model.safetensors")).unwrap();
        assert!(
            weights == std::fs::read(world.path("model/model.safetensors")).unwrap(),
            "{fault:?}"
        );
        if matches!(fault, Fault::Cut(_)) {
            assert!(
                server.count("model.safetensors HTTP/1.1 from 20000") > 0,
                "the download did not continue where it was cut"
            );
        }
    }
}

#[test]
fn a_stalled_download_stops_and_resumes_later() {
    let world = World::new();
    let words = "fetch owner/small";
    for (stall, what) in [(0, "no answer"), (20_000, "half a file")] {
        let server = Server::start(world.path("model"), Fault::Stall(stall));
        let started = Instant::now();
        let refused = run(with_hub(&world, words, &server).env("HF_HUB_DOWNLOAD_TIMEOUT", "2.5"));
        refused.refused(
            what,
            &[
                "owner/small",
                "has sent no data",
                &server.endpoint,
                "2.5 s",
                "HF_HUB_DOWNLOAD_TIMEOUT",
                "repeat the command to continue",
                "use a folder",
            ],
        );
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
    }
    // The network works again.
    let server = Server::start(world.path("model"), Fault::None);
    let fetched = run(&mut with_hub(&world, words, &server));
    assert_eq!(fetched.code, 0, "{}", fetched.err);
    assert_eq!(
        server.count("model.safetensors HTTP/1.1 from 20000"),
        1,
        "the download did not continue where it was"
    );
    let weights = std::fs::read(PathBuf::from(fetched.out.trim()).join("model.safetensors")).unwrap();
    assert!(weights == std::fs::read(world.path("model/model.safetensors")).unwrap());
}

#[test]
fn files_with_a_wrong_checksum_are_removed() {
    let world = World::new();
    let server = Server::start(world.path("model"), Fault::OtherWeights);
    for _ in 0..2 {
        let refused = run(&mut with_hub(&world, TRAIN, &server));
        refused.refused(
            TRAIN,
            &["owner/small", "model.safetensors", "checksum", "removed"],
        );
    }
    assert!(!world.exists("run"));
    let blobs = std::fs::read_dir(world.path("cache/hub/models--owner--small/blobs")).unwrap();
    let largest = blobs
        .flatten()
        .map(|blob| blob.metadata().unwrap().len())
        .max()
        .unwrap();
    let weights = std::fs::metadata(world.path("model/model.safetensors"))
        .unwrap()
        .len();
    assert!(largest < weights, "the wrong weights are still there");
}

#[test]
fn refusals_say_what_to_do_instead() {
    let world = World::new();
    let server = Server::start(world.path("model"), Fault::Token("secret"));
    let words = "fetch owner/small";
    let refused = run(&mut with_hub(&world, words, &server));
    refused.refused(
        words,
        &["owner/small", &server.endpoint, "HF_TOKEN", "use a folder"],
    );
    let known = run(with_hub(&world, words, &server).env("HF_TOKEN", "secret"));
    assert_eq!(known.code, 0, "{}", known.err);

    let open = Server::start(world.path("model"), Fault::None);
    for name in ["owner/other", "owner/small@v9"] {
        let words = format!("fetch {name}");
        run(&mut with_hub(&world, &words, &open)).refused(&words, &[name, "no such model or revision"]);
    }
    std::fs::remove_file(world.path("model/model.safetensors")).unwrap();
    let elsewhere = run(with_hub(&world, words, &open).env("HF_HUB_CACHE", world.path("elsewhere")));
    elsewhere.refused(words, &["owner/small", "model.safetensors or pytorch_model.bin"]);

    // Nothing listens on this port.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Server {
        endpoint: format!("http://{gone}"),
        requests: Arc::default(),
    };
    let refused =
        run(with_hub(&world, "fetch bert-base-uncased", &nobody).env("HF_HOME", world.path("empty")));
    refused.refused(
        "fetch",
        &[
            "bert-base-uncased",
            "could not be downloaded",
            "use a folder",
            "HF_ENDPOINT",
        ],
    );
    let offline = run(&mut world.command("fetch bert-base-uncased"));
    offline.refused("fetch", &["bert-base-uncased", "HF_HUB_OFFLINE", "use a folder"]);
    world.refuses("fetch ../model", &["../model", "owner/name"]);
}

#[test]
fn a_wrong_folder_is_refused_before_a_model_is_downloaded() {
    let world = World::new();
    for (corpus, file) in [
        ("cola", "in_domain_dev.tsv"),
        ("squad", "dev"),
        ("stsb", "sts-dev.csv"),
    ] {
        world.refuses(
            &format!("train {corpus} --model nosuch/model --data ."),
            &["--data: ", file],
        );
    }
}
