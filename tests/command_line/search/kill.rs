//! Indexing that is interrupted.

use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{done, ids, retriever, search};
use crate::program::{World, json_lines, start};

/// Articles with a number each, of words that the model knows.
fn many() -> String {
    let words = [
        "good", "bad", "film", "plot", "the", "was", "very", "song", "dull", "bright",
    ];
    let mut text = String::from("id,text\n");
    for number in 0..6000_usize {
        let words: Vec<&str> = (0..12)
            .map(|place| words[(number * 7 + place * (number % 13 + 1)) % 10])
            .collect();
        text += &format!("d{number},{} {number}\n", words.join(" "));
    }
    text
}

fn generation(world: &World) -> u64 {
    let text = std::fs::read_to_string(world.path("index/index.json")).unwrap_or_default();
    let index: Value = serde_json::from_str(&text).unwrap_or_default();
    index["index"]["generation"].as_u64().unwrap_or(0)
}

const ADD: &str = "index add index --data many.csv --model retriever --device flex --commit-every 0 --json";

#[cfg(unix)]
#[test]
fn a_killed_or_stopped_call_is_continued() {
    let world = World::new();
    retriever(&world, "retriever");
    world.write("many.csv", many());
    let until = Instant::now() + Duration::from_secs(60);
    let (mut child, _) = start(world.command(ADD));
    while generation(&world) < 1 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        generation(&world) >= 1,
        "it was killed before anything was committed"
    );

    let before = generation(&world);
    let (mut child, mut said) = start(world.command(ADD));
    while generation(&world) <= before && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
    crate::program::signal(&child, "INT");
    let status = child.wait().unwrap();
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    if status.code() == Some(130) {
        assert!(
            text.contains("of 6000 articles are indexed; repeat the command to continue"),
            "{text}"
        );
    }

    let outcome = world.bert(ADD);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let result = &json_lines(&outcome.out)[0];
    assert_eq!(result["articles"], 6000);
    assert!(
        result["unchanged"].as_u64().unwrap() > 0 && result["replaced"] == 0,
        "{result}"
    );

    let queries = ["good film 17", "very dull song", "the plot was bad"];
    let continued = search(&world, "", &queries);
    std::fs::rename(world.path("index"), world.path("continued")).unwrap();
    done(&world, ADD);
    let whole = search(&world, "", &queries);
    assert_eq!(
        continued.iter().map(ids).collect::<Vec<_>>(),
        whole.iter().map(ids).collect::<Vec<_>>()
    );
}
