//! A local server that imitates the hub and simulates network faults.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::program::{Outcome, World};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A fault of the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
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
pub struct Server {
    pub endpoint: String,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves the files of `dir` for as long as the program runs.
    pub fn start(dir: PathBuf, fault: Fault) -> Self {
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

    pub fn count(&self, part: &str) -> usize {
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
pub fn with_hub(world: &World, words: &str, server: &Server) -> Command {
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

pub fn run(command: &mut Command) -> Outcome {
    Outcome::of(command.output().unwrap())
}
