//! The task's entry in the registry, as `docs/tasks/adding-a-task.md` shows it.

use bert_tasks::registry::Reads;
use bert_tasks::{Corpus, Entry, TaskCard};

use super::stars::{Stars, read};

/// The task with its corpus.
pub static STARS: Entry<Stars> = Entry {
    corpora: &[Corpus {
        name: "stars",
        about: "How many stars a review gives",
        format: "a CSV file with the columns text and stars",
        main_metric: "closeness",
        options: &[],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, _| files.own("give a file", &["csv"], read),
        dev: |files, _| files.own_dev("give a file", &["csv"], read),
    }],
    own: Some("stars"),
    extensions: &["csv"],
    training_options: &[],
    card: TaskCard {
        pipeline: "text-classification",
        reads: Reads::Text,
        longer: "longer texts are truncated",
    },
    read_inputs: |inputs, options| inputs.texts(options.text_column.as_deref()),
    analyse: None,
};
