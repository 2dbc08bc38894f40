//! Where the token of the hub is sent.

use std::path::PathBuf;

use super::server::{Fault, Server, run, with_hub};
use crate::program::World;

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
