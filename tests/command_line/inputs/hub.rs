//! Models by name, from a local server that imitates the hub and simulates network faults.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::program::{Outcome, World};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A fault of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// It sends data slowly.
    Slow,
    /// It closes the connection after this many bytes of a response.
    Cut(usize),
    /// It stops after this many bytes of a response, and keeps the connection open.
    Stall(usize),
    /// The weights do not match their checksum.
    OtherWeights,
    /// It requires this token.
    Token(&'static str),
    /// Each file is on another server, which needs no token; the redirect says what the file's content is.
    Elsewhere(&'static str),
    /// The same, and the redirect does not say it.
    Mirror(&'static str),
}

/// A hub with the model `owner/small`.
struct Server {
    endpoint: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves the files of `dir` for as long as the program runs.
    fn start(dir: PathBuf, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (dir, seen) = (dir.clone(), seen.clone());
                // A client may disconnect before the response.
                std::thread::spawn(move || drop(answer(stream, &dir, fault, &seen)));
            }
        });
        Self { endpoint, requests }
    }

    fn count(&self, part: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|line| line.contains(part)).count()
    }
}

fn answer(
    mut stream: TcpStream,
    dir: &std::path::Path,
    fault: Fault,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let (mut from, mut to, mut token) = (0, None, String::new());
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match (name.to_lowercase().as_str(), value.trim()) {
            ("range", range) => {
                let (first, last) = range.trim_start_matches("bytes=").split_once('-').unwrap();
                from = first.parse().unwrap();
                to = last.parse::<usize>().ok();
            }
            ("authorization", value) => token = value.to_owned(),
            _ => {}
        }
    }
    let shown = if token.is_empty() { "no token" } else { &token };
    seen.lock()
        .unwrap()
        .push(format!("{request} from {from} with {shown}"));
    if fault == Fault::Stall(0) {
        std::thread::sleep(LONG);
    }
    let refuse = |stream: &mut TcpStream, status: &str| {
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    };
    if matches!(fault, Fault::Token(right) if token != format!("Bearer {right}")) {
        return refuse(&mut stream, "401 Unauthorized");
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    if let Some(rest) = path.strip_prefix("/api/models/owner/small/revision/") {
        if rest != "main" && rest != COMMIT {
            return refuse(&mut stream, "404 Not Found");
        }
        let mut names: Vec<String> = std::fs::read_dir(dir)?
            .flatten()
            .map(|entry| format!("{{\"rfilename\":\"{}\"}}", entry.file_name().to_string_lossy()))
            .collect();
        names.push("{\"rfilename\":\"README.md\"}".into());
        let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{}]}}", names.join(","));
        return write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    }
    if let Some(name) = path
        .strip_prefix("/api/datasets/")
        .and_then(|rest| rest.strip_suffix("/revision/refs%2Fconvert%2Fparquet"))
    {
        let Ok(names) = std::fs::read_to_string(dir.join("datasets").join(name).join("files")) else {
            return refuse(&mut stream, "404 Not Found");
        };
        let names: Vec<String> = names
            .lines()
            .map(|name| format!("{{\"rfilename\":\"{name}\"}}"))
            .collect();
        let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{}]}}", names.join(","));
        return write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    }
    let file = path
        .strip_prefix("/owner/small/resolve/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, file)| dir.join(file));
    let file = file.or_else(|| Some(dir.join(path.strip_prefix("/files/")?)));
    let file = file.or_else(|| {
        // A file of a data set, at its commit.
        let (name, file) = path.split_once("/resolve/")?;
        let (commit, file) = file.split_once('/')?;
        (commit == COMMIT).then(|| dir.join(name.trim_start_matches('/')).join(file))
    });
    let Some(mut bytes) = file.as_ref().and_then(|file| std::fs::read(file).ok()) else {
        return refuse(&mut stream, "404 Not Found");
    };
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if let Fault::Elsewhere(endpoint) | Fault::Mirror(endpoint) = fault {
        let name = path.rsplit('/').next().unwrap_or_default();
        let facts = match fault {
            Fault::Mirror(_) => String::new(),
            _ => format!("X-Linked-ETag: \"{hash}\"\r\nX-Repo-Commit: {COMMIT}\r\n"),
        };
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {endpoint}/files/{name}\r\n{facts}Content-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
    }
    if fault == Fault::OtherWeights && path.ends_with("model.safetensors") {
        let end = bytes.len();
        bytes[end - 1] ^= 1;
    }
    let end = to.map_or(bytes.len(), |last| (last + 1).min(bytes.len()));
    if from >= bytes.len() {
        return refuse(&mut stream, "416 Range Not Satisfiable");
    }
    let part = &bytes[from..end];
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{}/{}\r\nETag: \"{hash}\"\r\n\
         X-Repo-Commit: {COMMIT}\r\nConnection: close\r\n\r\n",
        part.len(),
        end - 1,
        bytes.len()
    )?;
    match fault {
        Fault::Cut(length) if part.len() > length => stream.write_all(&part[..length]),
        Fault::Stall(length) if part.len() > length => {
            stream.write_all(&part[..length])?;
            stream.flush()?;
            std::thread::sleep(LONG);
            Ok(())
        }
        Fault::Slow => {
            for piece in part.chunks(part.len() / 8 + 1) {
                stream.write_all(piece)?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(30));
            }
            Ok(())
        }
        _ => stream.write_all(part),
    }
}

/// `bert` with its own cache and this hub.
fn with_hub(world: &World, words: &str, server: &Server) -> Command {
    let mut command = world.command(words);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "HF_HUB_OFFLINE",
    ] {
        command.env_remove(name);
    }
    command
        .env("HF_ENDPOINT", &server.endpoint)
        .env("HF_HOME", world.path("cache"));
    command
}

fn run(command: &mut Command) -> Outcome {
    Outcome::of(command.output().unwrap())
}

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
                "nothing has arrived",
                &server.endpoint,
                "2.5 s",
                "HF_HUB_DOWNLOAD_TIMEOUT",
                "continues from there",
                "give --model a folder",
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
        &[
            "owner/small",
            &server.endpoint,
            "HF_TOKEN",
            "give --model a folder",
        ],
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
            "give --model a folder",
            "HF_ENDPOINT",
        ],
    );
    let offline = run(&mut world.command("fetch bert-base-uncased"));
    offline.refused(
        "fetch",
        &["bert-base-uncased", "HF_HUB_OFFLINE", "give --model a folder"],
    );
    world.refuses("fetch ../model", &["../model", "owner/name"]);
}

#[test]
fn the_token_is_sent_to_the_hub_alone() {
    let world = World::new();
    let files = Server::start(world.path("model"), Fault::None);
    let port = files.endpoint.rsplit_once(':').unwrap().1;
    // The same machine under another name, and under the same name at another port.
    let others = [format!("http://localhost:{port}"), files.endpoint.clone()];
    for (at, other) in others.into_iter().enumerate() {
        let other: &'static str = other.leak();
        for (what, fault) in [
            ("files", Fault::Elsewhere(other)),
            ("mirror", Fault::Mirror(other)),
        ] {
            let hub = Server::start(world.path("model"), fault);
            files.requests.lock().unwrap().clear();
            let mut command = with_hub(&world, "fetch owner/small", &hub);
            let fetched = run(command
                .env("HF_TOKEN", "secret")
                .env("HF_HOME", world.path(&format!("{what}-{at}"))));
            assert_eq!(fetched.code, 0, "{other}: {}", fetched.err);
            let weights = PathBuf::from(fetched.out.trim()).join("model.safetensors");
            assert!(
                std::fs::read(weights).unwrap()
                    == std::fs::read(world.path("model/model.safetensors")).unwrap()
            );
            assert_eq!(hub.count("with no token"), 0, "{:?}", hub.requests);
            assert!(hub.count("with Bearer secret") > 0, "{:?}", hub.requests);
            assert!(files.count("/files/") > 0, "nothing came from {other}");
            assert_eq!(files.count("secret"), 0, "{:?}", files.requests);
        }
    }
}

#[test]
fn a_mistyped_path_is_not_only_a_network_error() {
    let world = World::new();
    world.model("models/bert-small");
    let train = "train classify --data reviews.csv --output run --device flex --model";
    let refused = |model: &str, parts: &[&str]| world.refuses(&format!("{train} {model}"), parts);
    refused(
        "models/bert-smal",
        &[
            "--model: models/bert-smal: there is no such folder (did you mean models/bert-small?)",
            "HF_HUB_OFFLINE",
        ],
    );
    refused(
        "./modle",
        &["--model: ./modle: there is no such folder", "./model?"],
    );
    refused("reviews.csv", &["--model: reviews.csv: this is a file"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("gone/bert", world.path("link")).unwrap();
        refused(
            "link",
            &["--model: link: this is a link to gone/bert, which does not exist"],
        );
    }
    // A run folder means its model.
    world.short_run();
    let words = "train classify --model run --data reviews.csv --output again --max-steps 1 --device flex";
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("run: this is a run; training starts from its model, run/model"),
        "{}",
        outcome.err
    );
    std::fs::remove_dir_all(world.path("run/model")).unwrap();
    refused("run", &["--model: run: this is a run without a model/"]);
}

/// A hub with the data set `name`, which has these files, all with the same rows.
fn with_dataset(world: &World, name: &str, files: &[&str]) -> Server {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/labels.parquet");
    let rows = std::fs::read(rows).unwrap();
    for file in files {
        world.write(&format!("hub/datasets/{name}/{file}"), &rows);
    }
    world.write(&format!("hub/datasets/{name}/files"), files.join("\n"));
    Server::start(world.path("hub"), Fault::None)
}

#[test]
fn a_data_set_is_downloaded_once_and_then_found_in_the_cache() {
    let world = World::new();
    let files = [
        "cola/test/0000.parquet",
        "cola/train/0000.parquet",
        "cola/train/0001.parquet",
        "cola/validation/0000.parquet",
        "sst2/train/0000.parquet",
    ];
    let server = with_dataset(&world, "glue", &files);
    let train = |data: &str, output: &str| {
        format!("train classify --model model --data {data} --output {output} --max-steps 1 --device flex")
    };
    let first = run(&mut with_hub(&world, &train("glue/cola", "run"), &server));
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(
        first.err.contains("24 training examples, 12 evaluation examples"),
        "{}",
        first.err
    );
    assert!(first.err.contains("World"), "{}", first.err);
    // Nothing of other parts and splits was downloaded.
    assert_eq!((server.count("sst2/train"), server.count("cola/test")), (0, 0));
    let settings = world.read("run/run.toml");
    assert!(
        settings.contains(&format!("data = \"glue/cola@{COMMIT}\"")),
        "{settings}"
    );

    // The cache works without the network: by name, by the commit in run.toml, for an evaluation and a resume.
    let asked = server.requests.lock().unwrap().len();
    for words in [
        train("glue/cola", "second"),
        "train classify --config run/run.toml --output third".into(),
        "eval run".into(),
        "eval run --data glue/cola".into(),
        "resume run".into(),
    ] {
        let outcome = run(with_hub(&world, &words, &server).env("HF_HUB_OFFLINE", "1"));
        assert_eq!(outcome.code, 0, "{words}: {}", outcome.err);
    }
    assert_eq!(server.requests.lock().unwrap().len(), asked);

    let refused = |data: &str, parts: &[&str]| {
        let words = train(data, "new");
        run(&mut with_hub(&world, &words, &server)).refused(&words, parts);
    };
    refused(
        "glue",
        &["--data: glue", "several parts", "cola, sst2", "--data glue/cola"],
    );
    refused("glue/rte", &["it has no part `rte`", "cola, sst2"]);
    refused("other/set", &["other/set", "no such data set"]);
    // A path in a folder that exists is one of this machine.
    refused("hub/nowhere", &["--data: ", "hub/nowhere"]);
    refused("nowhere.csv", &["--data: ", "nowhere.csv: No such file"]);
}

#[test]
fn a_data_set_with_one_part_needs_no_name_of_it() {
    let world = World::new();
    let server = with_dataset(&world, "owner/news", &["default/train/0000.parquet", "README.md"]);
    let words = "train classify --model model --data owner/news --output run --max-steps 1 --device flex";
    let outcome = run(&mut with_hub(&world, words, &server));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    // Without a split to evaluate on, some examples of the training split are held out.
    assert!(outcome.err.contains("held out"), "{}", outcome.err);
    let eval = run(&mut with_hub(&world, "eval run", &server));
    eval.refused("eval run", &["--data"]);
}
