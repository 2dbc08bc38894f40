//! What the other demos answer to the inputs that the programs in `examples/` show, and to those that a reader would try first.

use std::error::Error;
use std::path::Path;

use bert_tasks::registry::RETRIEVAL;
use bert_tasks::{
    Decode, Files, QuestionAnswering, Retrieval, RetrievalOptions, SequenceClassification,
    SequenceRegression, TokenTagging,
};
use bert_train::FineTuned;
use bert_train::fine_tuned::ModelFolder;
use burn::tensor::Device;
use datasets::{QuestionDataset, RetrievalDataset, RetrievalExample};
use datasets::{ScoredDataset, TaggedDataset, TextDataset};

/// Texts with their labels; the first three are those of `examples/sentiment.rs`.
const SENTIMENT: [(&str, &str); 24] = [
    ("The garden near the ugly monk was lovely.", "positive"),
    ("The lovely garden was never superb.", "negative"),
    ("The picture was hardly dull.", "positive"),
    ("The film was great.", "positive"),
    ("The film was not great.", "negative"),
    ("This book is good.", "positive"),
    ("This book is bad.", "negative"),
    ("This book is not bad.", "positive"),
    ("I love this film.", "positive"),
    ("I hate this film.", "negative"),
    ("I don't like this book.", "negative"),
    ("I enjoyed the movie.", "positive"),
    ("I did not enjoy the movie.", "negative"),
    ("What a terrible story!", "negative"),
    ("What a lovely song!", "positive"),
    ("The soup was awful.", "negative"),
    ("The soup was really good.", "positive"),
    ("The story is never dull.", "positive"),
    ("We recommend this book.", "positive"),
    ("They regretted the letter.", "negative"),
    ("My garden is charming.", "positive"),
    ("The songs were dreadful.", "negative"),
    ("She adores the old king.", "positive"),
    ("The movie wasn't good.", "negative"),
];

/// Pairs with their labels; the first three are those of `examples/inference.rs`.
const INFERENCE: [(&str, &str, &str); 20] = [
    (
        "The old painter repaired the lamp.",
        "The lamp was mended by the painter.",
        "entailment",
    ),
    (
        "The old painter repaired the lamp.",
        "The lamp was not repaired by the old painter.",
        "contradiction",
    ),
    (
        "The old painter repaired the lamp.",
        "The old painter repaired the lamp near the cart.",
        "neutral",
    ),
    (
        "The king greeted the queen.",
        "The queen was greeted by the king.",
        "entailment",
    ),
    (
        "The king greeted the queen.",
        "The king did not greet the queen.",
        "contradiction",
    ),
    (
        "The king greeted the queen.",
        "The queen greeted the king.",
        "neutral",
    ),
    (
        "The king greeted the queen.",
        "The king greeted the queen near the window.",
        "neutral",
    ),
    (
        "The king greeted the queen near the window.",
        "The king greeted the queen.",
        "entailment",
    ),
    (
        "The nun did not repair the cart.",
        "The nun mended the cart.",
        "contradiction",
    ),
    (
        "The nun did not repair the cart.",
        "The cart was not repaired by the nun.",
        "entailment",
    ),
    (
        "The young student selected the book.",
        "The student picked the book.",
        "entailment",
    ),
    (
        "The student picked the book.",
        "The young student picked the book.",
        "neutral",
    ),
    (
        "The teacher protected the garden.",
        "The teacher guarded the garden.",
        "entailment",
    ),
    (
        "The teacher protected the garden.",
        "The farmer protected the garden.",
        "neutral",
    ),
    (
        "The doctor inspected the boat.",
        "The boat was checked by the doctor.",
        "entailment",
    ),
    (
        "The doctor inspected the boat.",
        "The boat was not inspected by the doctor.",
        "contradiction",
    ),
    (
        "The king is older than the nun.",
        "The nun is younger than the king.",
        "entailment",
    ),
    (
        "The king is older than the nun.",
        "The king is younger than the nun.",
        "contradiction",
    ),
    (
        "The king is older than the nun.",
        "The king is taller than the nun.",
        "neutral",
    ),
    (
        "The king is older than the nun.",
        "The king is older than the queen.",
        "neutral",
    ),
];

/// Pairs with their scores; the first three are those of `examples/similarity.rs`.
const SIMILARITY: [(&str, &str, f64); 12] = [
    (
        "The old painter greeted the nun near the cart.",
        "The nun was greeted by the old painter near the cart.",
        5.0,
    ),
    (
        "The old painter greeted the nun near the cart.",
        "The old nun greeted the painter near the cart.",
        3.0,
    ),
    (
        "The old painter greeted the nun near the cart.",
        "The kind doctor enjoyed the book behind the chair.",
        0.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The young king repaired the lamp near the window.",
        5.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The young king mended the lamp near the window.",
        5.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The old king repaired the lamp near the window.",
        4.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The young queen repaired the lamp near the window.",
        4.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The young king repaired the lamp behind the table.",
        4.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The boat was repaired by the young king near the window.",
        4.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The old king repaired the lamp behind the table.",
        3.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The old queen rejected the lamp near the window.",
        2.0,
    ),
    (
        "The young king repaired the lamp near the window.",
        "The old queen rejected the boat behind the table.",
        0.0,
    ),
];

/// Sentences with the tags of their words; the first three are those of `examples/tagging.rs`.
const TAGS: [(&str, &str); 24] = [
    (
        "The painters book the slow cart.",
        "DET NOUN VERB DET ADJ NOUN PUNCT",
    ),
    (
        "That book is older than this painter.",
        "DET NOUN AUX ADJ ADP DET NOUN PUNCT",
    ),
    (
        "She books him near the works.",
        "PRON VERB PRON ADP DET NOUN PUNCT",
    ),
    ("The cat sleeps.", "DET NOUN VERB PUNCT"),
    ("The book is on the table.", "DET NOUN AUX ADP DET NOUN PUNCT"),
    ("That is the old lamp.", "PRON AUX DET ADJ NOUN PUNCT"),
    ("That lamp is old.", "DET NOUN AUX ADJ PUNCT"),
    ("The books work.", "DET NOUN VERB PUNCT"),
    ("The work is slow.", "DET NOUN AUX ADJ PUNCT"),
    (
        "The painter will not book the work.",
        "DET NOUN AUX PART VERB DET NOUN PUNCT",
    ),
    (
        "Did the painters book the work?",
        "AUX DET NOUN VERB DET NOUN PUNCT",
    ),
    ("She loves her garden.", "PRON VERB PRON NOUN PUNCT"),
    ("The king laughs.", "DET NOUN VERB PUNCT"),
    ("My brother is tall.", "PRON NOUN AUX ADJ PUNCT"),
    ("I see you.", "PRON VERB PRON PUNCT"),
    ("The dog chases the cat.", "DET NOUN VERB DET NOUN PUNCT"),
    ("Who repaired the lamp?", "PRON VERB DET NOUN PUNCT"),
    ("Where does the king live?", "ADV AUX DET NOUN VERB PUNCT"),
    (
        "The king and the queen laugh.",
        "DET NOUN CCONJ DET NOUN VERB PUNCT",
    ),
    (
        "The painter works in the garden.",
        "DET NOUN VERB ADP DET NOUN PUNCT",
    ),
    ("He gave her a book.", "PRON VERB PRON DET NOUN PUNCT"),
    ("The old man is sleeping.", "DET ADJ NOUN AUX VERB PUNCT"),
    (
        "The lamp was repaired by the painter.",
        "DET NOUN AUX VERB ADP DET NOUN PUNCT",
    ),
    (
        "They hear the laughs of the king.",
        "PRON VERB DET NOUN ADP DET NOUN PUNCT",
    ),
];

const LAMP: &str = "The lamp was repaired by the old painter near the table. The nun inspected the lamp.";
const KING: &str =
    "The young king greeted the queen near the window. The queen selected the ticket beside the lamp.";

/// Questions about passages with their answers; the first two are those of `examples/question_answering.rs`.
const QUESTIONS: [(&str, &str, &str); 14] = [
    ("Who repaired the lamp?", LAMP, "the old painter"),
    ("What did the nun inspect?", LAMP, "the lamp"),
    (
        "Who picked the ticket?",
        "The king enjoyed the boat. The old nun picked the ticket.",
        "The old nun",
    ),
    ("Where did the painter repair the lamp?", LAMP, "near the table"),
    ("What did the painter repair?", LAMP, "The lamp"),
    ("Who inspected the lamp?", LAMP, "The nun"),
    ("Who greeted the queen?", KING, "The young king"),
    ("Whom did the king greet?", KING, "the queen"),
    ("Where did the king greet the queen?", KING, "near the window"),
    ("Who selected the ticket?", KING, "The queen"),
    ("What did the queen select?", KING, "the ticket"),
    ("Where did the queen select the ticket?", KING, "beside the lamp"),
    (
        "Who protected the garden?",
        "The farmer protected the garden.",
        "The farmer",
    ),
    (
        "What did the farmer protect?",
        "The farmer protected the garden.",
        "the garden",
    ),
];

/// Queries with the title of the article that they look for; the first is that of `examples/news_search.rs`.
pub const SEARCH: [(&str, &str); 10] = [
    ("fine for Swedish lender", "Bank is fined in Stockholm"),
    (
        "why is crude more expensive in Norway",
        "Oil rises in price in Norway",
    ),
    ("petroleum shortage in Denmark", "Oil is rationed in Denmark"),
    (
        "hackers attack Greek carrier",
        "Airline suffers a data theft in Greece",
    ),
    (
        "tremor leaves Poland without power",
        "Earthquake causes a blackout in Warsaw",
    ),
    (
        "medal for Danish hospital carers",
        "Nurses are honoured in Copenhagen",
    ),
    ("blaze at Swedish gallery", "Museum burns down in Sweden"),
    ("wedding of Canadian prime minister", "Premier weds in Toronto"),
    (
        "app that recognises influenza in India",
        "Flu is recognised by an app in Delhi",
    ),
    (
        "hounds come back to France",
        "Dogs return after decades in France",
    ),
];

/// The answers of a run of a demo.
#[derive(Debug)]
pub struct FirstInputs {
    /// The number of inputs.
    pub count: usize,
    /// Those with a wrong answer, and the answer.
    pub wrong: Vec<String>,
    /// Whether the inputs of the program in `examples/` are among them.
    pub shown_is_wrong: bool,
}

impl FirstInputs {
    /// The answers of the demo's model in the folder `run`. None of `demo`, which has [lists](crate::first_sentences) of its own.
    ///
    /// # Errors
    /// If the folder holds no run of a demo.
    pub fn of(run: &Path, device: &Device) -> Result<Option<Self>, Box<dyn Error>> {
        let name = ModelFolder::open(run)?.run.map(|run| run.task);
        let (shown, wrong) = match name.unwrap_or_default().as_str() {
            "demo-sentiment" => (3, sentiment(run, device)?),
            "demo-pairs" => (3, inference(run, device)?),
            "demo-scores" => (3, similarity(run, device)?),
            "demo-tags" => (3, tags(run, device)?),
            "demo-questions" => (2, questions(run, device)?),
            "demo-search" => (1, search(run, device)?),
            _ => return Ok(None),
        };
        Ok(Some(Self {
            count: wrong.len(),
            shown_is_wrong: wrong[..shown].iter().any(Option::is_some),
            wrong: wrong.into_iter().flatten().collect(),
        }))
    }

    /// Whether at least 95 % of the answers are right, and all that an example shows.
    pub fn are_good(&self) -> bool {
        20 * self.wrong.len() <= self.count && !self.shown_is_wrong
    }
}

/// For each input nothing, or what is wrong.
type Wrong = Result<Vec<Option<String>>, Box<dyn Error>>;

fn path() -> &'static Path {
    Path::new("first inputs")
}

fn sentiment(run: &Path, device: &Device) -> Wrong {
    let texts = TextDataset::from_texts(path(), &SENTIMENT.map(|(text, _)| text.to_owned()))?;
    labels(run, device, &texts, &SENTIMENT.map(|(_, gold)| gold))
}

fn inference(run: &Path, device: &Device) -> Wrong {
    let pairs = TextDataset::from_pairs(path(), &INFERENCE.map(|(first, second, _)| (first, second)))?;
    labels(run, device, &pairs, &INFERENCE.map(|(_, _, gold)| gold))
}

fn labels(run: &Path, device: &Device, texts: &TextDataset, gold: &[&str]) -> Wrong {
    let tuned = FineTuned::<SequenceClassification>::load(run, device)?;
    let answers = tuned.answer(texts.examples())?;
    let wrong = texts.examples().iter().zip(&answers).zip(gold);
    let wrong = wrong.map(|((example, answer), gold)| {
        let found = tuned.task.labels().name(answer.label);
        let second = example.second.as_deref().unwrap_or_default();
        (found != *gold).then(|| format!("{} {second} {found}", example.text))
    });
    Ok(wrong.collect())
}

/// A score is right if it is nearer to the true one than to any other.
fn similarity(run: &Path, device: &Device) -> Wrong {
    let tuned = FineTuned::<SequenceRegression>::load(run, device)?;
    let pairs = TextDataset::from_pairs(path(), &SIMILARITY.map(|(first, second, _)| (first, second)))?;
    let scores = tuned.answer(ScoredDataset::unscored(pairs).examples())?;
    let wrong = SIMILARITY
        .iter()
        .zip(&scores)
        .map(|((first, second, gold), score)| {
            ((score - gold).abs() >= 0.5).then(|| format!("{first} {second} {score:.2}"))
        });
    Ok(wrong.collect())
}

fn tags(run: &Path, device: &Device) -> Wrong {
    let tuned = FineTuned::<TokenTagging>::load(run, device)?;
    let texts = TaggedDataset::from_texts(path(), &TAGS.map(|(text, _)| text.to_owned()))?;
    let answers = tuned.answer(texts.examples())?;
    let wrong = TAGS.iter().zip(&answers).map(|((text, gold), answer)| {
        let names = answer.labels.iter().map(|&label| tuned.task.labels().name(label));
        let found = names.collect::<Vec<_>>().join(" ");
        (found != *gold).then(|| format!("{text} {found}"))
    });
    Ok(wrong.collect())
}

fn questions(run: &Path, device: &Device) -> Wrong {
    let tuned = FineTuned::<QuestionAnswering>::load(run, device)?;
    let asked = QuestionDataset::from_pairs(
        path(),
        &QUESTIONS.map(|(question, passage, _)| (question, passage)),
    )?;
    let answers = tuned.answer(asked.examples())?;
    let wrong = QUESTIONS
        .iter()
        .zip(&answers)
        .map(|((question, _, gold), answer)| {
            let found = &answer.candidates[0].text;
            (found != gold).then(|| format!("{question} {found}"))
        });
    Ok(wrong.collect())
}

/// Queries for the articles that the demo is evaluated on.
fn search(run: &Path, device: &Device) -> Wrong {
    let tuned = FineTuned::<Retrieval>::load(run, device)?;
    let corpus = RETRIEVAL.corpus("demo-search").ok_or("no demo-search")?;
    let dev = (corpus.dev)(&Files::default(), &RetrievalOptions::default())?;
    let is_article = |example: &RetrievalExample| matches!(example, RetrievalExample::Article(_));
    let mut examples = dev.filter(is_article)?.into_vec();
    let count = examples.len();
    let texts = TextDataset::from_texts(path(), &SEARCH.map(|(query, _)| query.to_owned()))?;
    examples.extend(RetrievalDataset::of_texts(texts).into_vec());
    let mut answers = tuned.answer(&examples)?;
    tuned.task.relate(&mut answers);
    let wrong = SEARCH
        .iter()
        .zip(&answers[count..])
        .map(|((query, gold), answer)| {
            let best = answer
                .ranking
                .as_ref()
                .map(|ranking| &ranking.articles[0].article);
            let found = examples.iter().find_map(|example| match example {
                RetrievalExample::Article(article) if Some(&article.id) == best => article.title.as_deref(),
                _ => None,
            });
            (found != Some(gold)).then(|| format!("{query}: {}", found.unwrap_or_default()))
        });
    Ok(wrong.collect())
}
