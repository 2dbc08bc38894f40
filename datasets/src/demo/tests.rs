use std::collections::{HashMap, HashSet};

use super::lexicon::nouns::NEW_PEOPLE;
use super::*;
use crate::{Labels, TextDataset};

fn splits() -> (Vec<Pair>, Vec<Pair>) {
    pairs(&DemoConfig::default())
}

fn all(pairs: &[Pair]) -> impl Iterator<Item = &DemoExample> {
    pairs.iter().flat_map(|(good, bad)| [good, bad])
}

#[test]
fn corpora_have_the_requested_sizes_and_balanced_labels() {
    let demo = generate(&DemoConfig::default());
    let (train, dev) = (demo.train.len(), demo.dev.len());
    assert_eq!((train, dev), (8000, 1000));
    for data in [&demo.train, &demo.dev] {
        let ones: usize = data.require_labels(&labels()).unwrap().iter().sum();
        assert_eq!(2 * ones, data.len());
    }
}

#[test]
fn the_same_seed_gives_the_same_sentences_everywhere() {
    // FNV-1a over all sentences. A change of the generator changes the demos of users, so it must be intended.
    let hashes: Vec<(&str, String)> = all_corpora()
        .into_iter()
        .map(|(name, train, dev)| {
            let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
            for text in [train, dev].concat().into_iter().flatten() {
                for byte in text.bytes().chain([b'\n']) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
            (name, format!("{hash:016x}"))
        })
        .collect();
    let expected = [
        ("demo", "e562e77b93ea0e05"),
        ("sentiment", "0f4b2159a2f85a0c"),
        ("inference", "c272fb28705a7293"),
        ("similarity", "cb3a89dde5303c36"),
        ("tags", "3c65066c7b2facc4"),
        ("questions", "843481a48ffef715"),
        ("news", "300bf62b1046e23a"),
    ];
    assert_eq!(hashes, expected.map(|(name, hash)| (name, hash.to_owned())));
    let of = |seed| {
        generate(&DemoConfig {
            seed,
            ..DemoConfig::default()
        })
        .dev
    };
    assert_ne!(of(2).examples()[0].text, of(1).examples()[0].text);
}

#[test]
fn train_and_dev_share_no_sentence() {
    for (name, train, dev) in all_corpora() {
        let train: HashSet<String> = train.into_iter().flatten().collect();
        let both = |text: &&String| train.contains(*text) && !(name == "questions" && text.ends_with('?'));
        let found = dev.iter().flatten().find(both);
        assert_eq!(found, None, "{name}");
    }
}

#[test]
fn no_sentence_occurs_twice() {
    let (train, dev) = splits();
    let mut seen = HashSet::new();
    for example in all(&train).chain(all(&dev)) {
        assert!(seen.insert(&example.text), "{}", example.text);
    }
}

#[test]
fn every_phenomenon_is_in_both_splits() {
    let (train, dev) = splits();
    for pairs in [train, dev] {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        pairs
            .iter()
            .for_each(|(good, _)| *counts.entry(good.phenomenon).or_default() += 1);
        let rounds = pairs.len() / phenomena::total();
        for (name, share, _) in phenomena::PHENOMENA {
            let found = counts[name];
            assert!(
                (rounds * share..=(rounds + 1) * share).contains(&found),
                "{name}: {found} of {} pairs",
                pairs.len()
            );
        }
    }
}

#[test]
fn sentences_are_short_and_long() {
    let lengths: Vec<usize> = all(&splits().0)
        .map(|example| example.text.split(' ').count())
        .collect();
    assert!(lengths.iter().all(|length| (1..=20).contains(length)));
    for length in 2..=16 {
        assert!(lengths.contains(&length), "no sentence of {length} words");
    }
}

#[test]
fn training_never_shows_the_sentences_that_readers_try_first() {
    let listed: HashSet<&str> = first_sentences::ACCEPTABLE
        .into_iter()
        .chain(first_sentences::UNACCEPTABLE)
        .collect();
    assert_eq!(listed.len(), 60);
    let lemmas = lexicon::lemmas();
    let content = |text: &str| -> HashSet<&'static str> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphabetic())
            .filter_map(|word| lemmas.get(word).copied())
            .collect()
    };
    let contents: Vec<HashSet<&str>> = listed.iter().map(|text| content(text)).collect();
    for example in all(&splits().0) {
        assert!(!listed.contains(example.text.as_str()), "{}", example.text);
        let words = content(&example.text);
        let whole = contents
            .iter()
            .find(|listed| listed.len() > 1 && listed.is_subset(&words));
        assert_eq!(whole, None, "{}", example.text);
    }
}

#[test]
fn some_words_are_in_dev_only() {
    // The model of the news learns whole words: it knows nothing of new ones.
    for (name, train, dev) in all_corpora().into_iter().filter(|(name, ..)| *name != "news") {
        let new = |texts: &&Vec<String>| {
            let text = texts.concat().to_lowercase();
            NEW_PEOPLE.iter().any(|noun| text.contains(noun.singular))
        };
        assert_eq!(train.iter().find(new), None, "{name}");
        let share = dev.iter().filter(new).count() as f64 / dev.len() as f64;
        assert!((0.03..0.16).contains(&share), "{name}: {share}");
    }
}

#[test]
fn the_vocabulary_covers_all_words_without_single_letters() {
    let vocabulary: HashSet<String> = vocabulary().into_iter().collect();
    let pieces = |word: &str| -> Vec<String> {
        let (mut rest, mut pieces) = (word, vec![]);
        while !rest.is_empty() {
            let prefix = if pieces.is_empty() { "" } else { "##" };
            let piece = (1..=rest.len())
                .rev()
                .map(|end| format!("{prefix}{}", &rest[..end]))
                .find(|piece| vocabulary.contains(piece))
                .unwrap_or_else(|| panic!("{word}"));
            rest = &rest[piece.len() - prefix.len()..];
            pieces.push(piece);
        }
        pieces
    };
    let events = all_corpora()
        .into_iter()
        .filter(|(name, _, _)| !["demo", "sentiment", "tags", "news"].contains(name));
    let words: HashSet<String> = events
        .flat_map(|(_, train, dev)| [train, dev].concat())
        .flatten()
        .flat_map(|text| bag(&text.replace(['.', '?'], "")))
        .chain(lexicon::lemmas().into_keys())
        .collect();
    const ENDINGS: [&str; 5] = ["##s", "##e", "##y", "##r", "a"];
    for word in words {
        let pieces = pieces(&word);
        let single = |piece: &String| {
            piece.trim_start_matches("##").len() == 1 && !ENDINGS.contains(&piece.as_str()) && word.len() > 1
        };
        assert!(
            pieces.len() <= 3 && !pieces.iter().any(single),
            "{word}: {pieces:?}"
        );
    }
    assert_eq!(pieces("climbers"), ["climb", "##er", "##s"]);
    assert_eq!(pieces("brothers"), ["brother", "##s"]);
    assert_eq!(pieces("studies"), ["stud", "##ies"]);
    assert_eq!(pieces("admiring"), ["admir", "##ing"]);
    assert_eq!(pieces("sitting"), ["sitt", "##ing"]);
}

#[test]
fn words_alone_do_not_predict_acceptability() {
    let (train, dev) = splits();
    let rows = |pairs: &[Pair]| -> Vec<(Vec<String>, usize)> {
        all(pairs)
            .map(|example| (bag(&example.text), usize::from(example.acceptable)))
            .collect()
    };
    let accuracy = naive_bayes(&rows(&train), &rows(&dev));
    assert!(accuracy < 0.7, "{accuracy}");
}

#[test]
fn words_alone_do_not_predict_sentiment() {
    let reviews = sentiment::generate(&DemoConfig::default());
    let rows = |data: &TextDataset| rows(data, &sentiment::labels());
    let accuracy = naive_bayes(&rows(&reviews.train), &rows(&reviews.dev));
    assert!(accuracy < 0.65, "{accuracy}");
}

#[test]
fn words_alone_do_not_predict_inference() {
    let pairs = inference::generate(&DemoConfig::default());
    let rows = |data: &TextDataset| rows(data, &inference::labels());
    let (train, dev) = (rows(&pairs.train), rows(&pairs.dev));
    let accuracy = naive_bayes(&train, &dev);
    assert!(accuracy < 0.5, "both sentences: {accuracy}");
    let second = |rows: Vec<(Vec<String>, usize)>| -> Vec<(Vec<String>, usize)> {
        let only = |word: &String| word.starts_with("2 ");
        rows.into_iter()
            .map(|(words, label)| (words.into_iter().filter(only).collect(), label))
            .collect()
    };
    let accuracy = naive_bayes(&second(train), &second(dev));
    assert!(accuracy < 0.45, "the second sentence: {accuracy}");
}

#[test]
fn no_word_predicts_similarity() {
    let pairs = similarity::generate(&DemoConfig::default()).train;
    let mut sums: HashMap<String, (f64, f64)> = HashMap::new();
    for example in pairs.examples() {
        let text = format!("{} {}", example.text, example.second.as_ref().unwrap());
        let words: HashSet<String> = bag(&text).into_iter().collect();
        for word in words {
            let (sum, count) = sums.entry(word).or_default();
            *sum += example.score.unwrap();
            *count += 1.0;
        }
    }
    for (word, (sum, count)) in sums.iter().filter(|(_, (_, count))| *count > 100.0) {
        let mean = sum / count;
        assert!((1.5..3.5).contains(&mean), "{word}: {mean}");
    }
}

#[test]
fn words_alone_do_not_predict_tags() {
    let data = tags::generate(&DemoConfig::default());
    let words = |data: &crate::TaggedDataset| -> Vec<(String, String)> {
        let of = |example: &crate::TaggedExample| {
            let words = example.words.iter().map(|word| word.to_lowercase());
            words.zip(example.tags.clone().unwrap()).collect::<Vec<_>>()
        };
        data.examples().iter().flat_map(of).collect()
    };
    let mut counts: HashMap<String, HashMap<String, usize>> = HashMap::new();
    for (word, tag) in words(&data.train) {
        *counts.entry(word).or_default().entry(tag).or_default() += 1;
    }
    let usual = |word: &str| {
        let tags = counts.get(word)?.iter();
        tags.max_by_key(|(tag, count)| (**count, (*tag).clone()))
            .map(|(tag, _)| tag.clone())
    };
    let dev = words(&data.dev);
    let right = dev.iter().filter(|(word, tag)| usual(word).as_ref() == Some(tag));
    let accuracy = right.count() as f64 / dev.len() as f64;
    assert!((0.8..0.93).contains(&accuracy), "{accuracy}");
}

#[test]
fn tagged_words_match_their_offsets() {
    let data = tags::generate(&DemoConfig::default());
    for example in data.train.examples() {
        let text = example.text.as_ref().unwrap();
        for (word, (start, end)) in example.words.iter().zip(example.offsets.as_ref().unwrap()) {
            assert_eq!(&text[*start..*end], word);
        }
    }
}

#[test]
fn answers_match_their_offsets() {
    let data = questions::generate(&DemoConfig::default());
    for example in data.train.examples().iter().chain(data.dev.examples()) {
        assert_eq!(example.answers.as_ref().unwrap().len(), 1);
        assert!(example.mismatches().is_empty(), "{}", example.id);
    }
}

/// A baseline guesses a sentence that has a given word of the question: its accuracy in passages of several sentences, averaged
/// over the words, is low.
#[test]
fn no_word_of_a_question_finds_its_answer() {
    let data = questions::generate(&DemoConfig::default()).train;
    let (mut total, mut words) = (0.0, 0);
    for example in data.examples() {
        let start = example.answers.as_ref().unwrap()[0].start;
        let mut end = 0;
        let sentences: Vec<(bool, Vec<String>)> = example
            .passage
            .split_inclusive('.')
            .map(|sentence| {
                let from = end;
                end += sentence.len();
                let words = bag(&sentence.replace('.', ""));
                ((from..end).contains(&start), words)
            })
            .collect();
        if sentences.len() == 1 {
            continue;
        }
        for word in bag(&example.question.replace('?', ""))
            .iter()
            .filter(|word| *word != "the")
        {
            let with: Vec<bool> = sentences
                .iter()
                .filter(|(_, words)| words.contains(word))
                .map(|(right, _)| *right)
                .collect();
            if !with.is_empty() {
                total += with.iter().filter(|right| **right).count() as f64 / with.len() as f64;
                words += 1;
            }
        }
    }
    let accuracy = total / f64::from(words);
    assert!(accuracy < 0.85, "{accuracy}");
}

#[test]
fn labels_and_scores_are_balanced() {
    let config = DemoConfig {
        train: 600,
        dev: 120,
        ..DemoConfig::default()
    };
    let counts = |labels: Vec<String>| -> Vec<usize> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        labels
            .into_iter()
            .for_each(|label| *counts.entry(label).or_default() += 1);
        counts.into_values().collect()
    };
    let label = |data: TextDataset| {
        data.into_vec()
            .into_iter()
            .map(|example| example.label.unwrap())
            .collect()
    };
    assert_eq!(counts(label(sentiment::generate(&config).train)), [300; 2]);
    assert_eq!(counts(label(sentiment::generate(&config).dev)), [60; 2]);
    assert_eq!(counts(label(inference::generate(&config).train)), [200; 3]);
    assert_eq!(counts(label(inference::generate(&config).dev)), [40; 3]);
    let scores = |data: crate::ScoredDataset| {
        data.into_vec()
            .into_iter()
            .map(|example| example.score.unwrap().to_string())
            .collect()
    };
    assert_eq!(counts(scores(similarity::generate(&config).train)), [100; 6]);
    assert_eq!(counts(scores(similarity::generate(&config).dev)), [20; 6]);
    let questions = questions::generate(&config);
    assert_eq!((questions.train.len(), questions.dev.len()), (600, 120));
}

/// The sentences of each example.
type Sentences = Vec<Vec<String>>;

/// All demo corpora: name, train sentences, dev sentences.
fn all_corpora() -> Vec<(&'static str, Sentences, Sentences)> {
    fn of<E: crate::Example>(
        name: &'static str,
        data: DemoCorpus<E>,
        texts: impl Fn(&E) -> Vec<String>,
    ) -> (&'static str, Sentences, Sentences) {
        let all = |data: &crate::Examples<E>| data.examples().iter().map(&texts).collect();
        (name, all(&data.train), all(&data.dev))
    }
    let config = DemoConfig::default();
    let sentences =
        |text: &str| -> Vec<String> { text.split_inclusive(". ").map(|s| s.trim().into()).collect() };
    vec![
        of("demo", generate(&config), |e| vec![e.text.clone()]),
        of("sentiment", sentiment::generate(&config), |e| {
            vec![e.text.clone()]
        }),
        of("inference", inference::generate(&config), |e| {
            vec![e.text.clone(), e.second.clone().unwrap()]
        }),
        of("similarity", similarity::generate(&config), |e| {
            vec![e.text.clone(), e.second.clone().unwrap()]
        }),
        of("tags", tags::generate(&config), |e| vec![e.text.clone().unwrap()]),
        of("questions", questions::generate(&config), |e| {
            [sentences(&e.passage), vec![e.question.clone()]].concat()
        }),
        of("news", news::generate(&config), |e| {
            vec![match e {
                crate::RetrievalExample::Article(article) => article.titled_text(),
                crate::RetrievalExample::Query(judged) => judged.query.text.clone(),
            }]
        }),
    ]
}

fn bag(text: &str) -> Vec<String> {
    text.to_lowercase().split(' ').map(str::to_owned).collect()
}

/// The words and the label of each example. Words of the second text get a prefix, so that they count separately.
fn rows(data: &TextDataset, labels: &Labels) -> Vec<(Vec<String>, usize)> {
    let words = |example: &TextExample| {
        let second = example.second.iter().flat_map(|text| bag(text));
        let second = second.map(|word| format!("2 {word}"));
        bag(&example.text).into_iter().chain(second).collect()
    };
    let numbers = data.require_labels(labels).unwrap();
    data.examples().iter().map(words).zip(numbers).collect()
}

/// The accuracy of a naive Bayes classifier on word counts: how well the words alone predict the label.
fn naive_bayes(train: &[(Vec<String>, usize)], dev: &[(Vec<String>, usize)]) -> f64 {
    let labels = 1 + train.iter().map(|(_, label)| *label).max().unwrap();
    let mut counts: HashMap<&str, Vec<f64>> = HashMap::new();
    for (words, label) in train {
        for word in words {
            counts.entry(word).or_insert(vec![1.0; labels])[*label] += 1.0;
        }
    }
    let score = |words: &[String], label: usize| -> f64 {
        let known = words.iter().filter_map(|word| counts.get(word.as_str()));
        known.map(|counts| counts[label].ln()).sum()
    };
    let right = dev.iter().filter(|(words, label)| {
        (0..labels).all(|other| other == *label || score(words, *label) > score(words, other))
    });
    right.count() as f64 / dev.len() as f64
}

#[test]
fn the_smallest_demo_has_train_and_dev_examples() {
    let corpus = generate(&DemoConfig::of_size(1, 1));
    assert_eq!((corpus.train.len(), corpus.dev.len()), (2, 2));
    let tags = tags::generate(&DemoConfig::of_size(0, 0));
    assert_eq!((tags.train.len(), tags.dev.len()), (1, 1));
}

#[test]
fn the_vocabulary_of_the_news_has_all_their_words() {
    let vocabulary: HashSet<String> = news::vocabulary().into_iter().collect();
    let news = all_corpora().pop().unwrap();
    for text in [news.1, news.2].concat().concat() {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        for word in words {
            let known = vocabulary.contains(&word.to_lowercase()) || word.parse::<u32>().is_ok();
            assert!(known, "{word}: {text}");
        }
    }
}

#[test]
fn queries_for_news_are_short_and_each_article_has_five_near_misses() {
    let news = news::generate(&DemoConfig::of_size(120, 60));
    assert_eq!((news.train.articles().unwrap(), news.train.len()), (120, 240));
    assert_eq!((news.dev.articles().unwrap(), news.dev.len()), (120, 180));
    for example in news.train.examples().iter().chain(news.dev.examples()) {
        if let crate::RetrievalExample::Query(judged) = example {
            let words = judged.query.text.split(' ').count();
            assert!((3..=10).contains(&words), "{}", judged.query.text);
            assert_eq!((judged.grades.len(), judged.negatives.len()), (1, 5));
        }
    }
}
