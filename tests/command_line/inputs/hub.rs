//! Models by name, from a local server that imitates the hub and simulates network faults.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
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
    seen.lock().unwrap().push(format!("{request} from {from}"));
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
    let file = path
        .strip_prefix("/owner/small/resolve/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, file)| dir.join(file));
    let Some(mut bytes) = file.as_ref().and_then(|file| std::fs::read(file).ok()) else {
        return refuse(&mut stream, "404 Not Found");
    };
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
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
