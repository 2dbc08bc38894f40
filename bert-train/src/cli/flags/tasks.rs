//! The flags of the tasks' options.

use std::any::{Any, TypeId};
use std::ops::ControlFlow;

use bert_tasks::{
    ClassWeights, ColumnChoice, Corpus, Entry, QuestionOptions, SchemeChoice, ScoreOptions, TagOptions, Task,
    TaskVisitor, TextOptions, visit_tasks,
};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use datasets::{Message, TagColumn};

use super::group::{AnyFlags, Flags, flags};
use super::language_modelling::{CausalFlags, MaskedFlags};
use super::names::parser;
use super::numbers::{Count, Finite, Number, Switch};
use super::retrieval::RetrievalFlags;

// The help of flags that several tasks have.
const LABEL_SMOOTHING: &str = "Label smoothing: spread this share of each label evenly over all labels";
const CLASS_WEIGHTS: &str =
    "Weights of the labels in the loss: `balanced`, or a list such as good=2,bad=1 [default: all equal]";
const TEXT_COLUMN: &str =
    "Column with the texts, or with the first text of each pair [default: guessed from the header]";
const SECOND_COLUMN: &str = "Column with the second text of each pair [default: guessed from the header]";
const PAIRS: &str = "Read pairs of texts";

/// All groups, one for each task that has options. A new task's group is added here.
static GROUPS: [TaskGroup; 7] = [
    TaskGroup::of::<TextFlags>(),
    TaskGroup::of::<ScoreFlags>(),
    TaskGroup::of::<TagFlags>(),
    TaskGroup::of::<QuestionFlags>(),
    TaskGroup::of::<MaskedFlags>(),
    TaskGroup::of::<CausalFlags>(),
    TaskGroup::of::<RetrievalFlags>(),
];

flags! {
    /// The flags of text classification.
    TextFlags for TextOptions {
        #[arg(help = TEXT_COLUMN, value_name = "NAME")]
        text_column: String,
        #[arg(help = SECOND_COLUMN, value_name = "NAME")]
        second_column: String,
        /// Column with the labels [default: guessed from the header].
        #[arg(value_name = "NAME")]
        label_column: String,
        #[arg(help = PAIRS, num_args = 0, default_missing_value = "true")]
        pairs: Switch,
        #[arg(help = LABEL_SMOOTHING, value_name = "SHARE")]
        label_smoothing: Finite,
        #[arg(help = CLASS_WEIGHTS, value_name = "WEIGHTS")]
        class_weights: ClassWeights,
        /// Write the probabilities of the N most probable labels with each prediction; 0 for all [default: all of up to 100
        /// labels, else 10].
        #[arg(value_name = "N")]
        top_k: Number,
    }
}

flags! {
    /// The flags of text regression.
    ScoreFlags for ScoreOptions {
        #[arg(help = TEXT_COLUMN, value_name = "NAME")]
        text_column: String,
        #[arg(help = SECOND_COLUMN, value_name = "NAME")]
        second_column: String,
        /// Column with the scores [default: guessed from the header].
        #[arg(value_name = "NAME")]
        score_column: String,
        #[arg(help = PAIRS, num_args = 0, default_missing_value = "true")]
        pairs: Switch,
        /// Lowest score to predict: lower ones are raised to it.
        #[arg(value_name = "SCORE")]
        clip_below: Finite,
        /// Highest score to predict: higher ones are lowered to it.
        #[arg(value_name = "SCORE")]
        clip_above: Finite,
    }
}

flags! {
    /// The flags of tagging.
    TagFlags for TagOptions {
        /// Which tags of a CoNLL-U file to read: upos or xpos.
        #[arg(value_name = "COLUMN", value_parser = parser::<TagColumn>())]
        tags: TagColumn,
        /// Column with the words, counted from 1, in files of columns.
        #[arg(value_name = "N")]
        word_column: Count,
        /// Column with the tags: its number, counted from 1, or its name in the header, in files of columns; the name of the
        /// list of tags in JSON and Parquet [default: the last column; a list with a usual name].
        #[arg(value_name = "N|NAME")]
        tag_column: ColumnChoice,
        /// How entities are written: bio, iob1 or iobes; auto detects it.
        #[arg(value_name = "SCHEME", value_parser = parser::<SchemeChoice>())]
        scheme: SchemeChoice,
        /// Tokens shared by neighbouring windows of a sentence that is longer than --max-length.
        #[arg(value_name = "TOKENS")]
        overlap: Number,
        #[arg(help = LABEL_SMOOTHING, value_name = "SHARE")]
        label_smoothing: Finite,
        #[arg(help = CLASS_WEIGHTS, value_name = "WEIGHTS")]
        class_weights: ClassWeights,
    }
}

flags! {
    /// The flags of question answering.
    QuestionFlags for QuestionOptions {
        /// Tokens shared by neighbouring windows of a passage that is too long; at most half a window.
        #[arg(value_name = "TOKENS")]
        stride: Number,
        /// Maximum number of tokens per question; longer questions are truncated.
        #[arg(value_name = "TOKENS")]
        max_question_length: Count,
        /// Maximum number of tokens per answer.
        #[arg(value_name = "TOKENS")]
        max_answer_length: Count,
        /// Number of candidate answers to report, the best one included.
        #[arg(value_name = "N")]
        n_best: Count,
        /// Some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
        #[arg(num_args = 0, default_missing_value = "true")]
        no_answer: Switch,
        /// Give no answer if `[CLS]` scores better than the best span by more than this.
        #[arg(value_name = "SCORE")]
        null_threshold: Finite,
        /// Train with the softmax over every position of the padded row, as transformers does, instead of the passage
        /// and `[CLS]`.
        #[arg(num_args = 0, default_missing_value = "true")]
        all_positions: Switch,
    }
}

/// The flags of one task's options.
pub struct TaskGroup {
    options: fn() -> TypeId,
    args: fn(&dyn Any) -> Vec<Arg>,
    parse: fn(&ArgMatches) -> Result<Box<dyn AnyFlags>, clap::Error>,
}

impl TaskGroup {
    const fn of<F: Flags>() -> Self {
        Self {
            options: TypeId::of::<F::Options>,
            args: |options| options.downcast_ref().map(F::args).unwrap_or_default(),
            parse: |matches| Ok(Box::new(F::from_arg_matches(matches)?)),
        }
    }

    /// The flags of options of this type; `None` where a task has none.
    pub fn for_options<O: 'static>() -> Option<&'static Self> {
        GROUPS.iter().find(|group| (group.options)() == TypeId::of::<O>())
    }

    /// The flags with the values of `options` as their defaults in the help.
    pub fn args(&self, options: &dyn Any) -> Vec<Arg> {
        (self.args)(options)
    }

    /// The flags that were given.
    ///
    /// # Errors
    /// If a value is not a flag's.
    pub fn parse(&self, matches: &ArgMatches) -> Result<Box<dyn AnyFlags>, clap::Error> {
        (self.parse)(matches)
    }
}

/// Whether the task has an option of this name.
fn has_flag<K: Task>(name: &str) -> bool {
    let group = TaskGroup::for_options::<K::Options>();
    let flags = group.map(|group| group.args(&K::Options::default()));
    flags.is_some_and(|flags| flags.iter().any(|flag| flag.get_id() == name))
}

/// The flags of all tasks, for commands that learn from a folder which task it is for.
#[derive(Debug)]
pub struct AllTaskFlags(Vec<Box<dyn AnyFlags>>);

impl AllTaskFlags {
    /// Changes the options that were given.
    ///
    /// # Errors
    /// If one was given that the task does not have, or that a model on `corpus` does not use, or only in training; without a
    /// corpus, that no corpus of the task has. A task without corpora uses all of its options.
    pub fn apply<K: Task>(
        &self,
        entry: &Entry<K>,
        corpus: Option<&Corpus<K>>,
        options: &mut K::Options,
    ) -> Result<(), Message> {
        let used = |name: &str| {
            let own = || match entry.corpora {
                [] => has_flag::<K>(name) && !entry.training_options.contains(&name),
                corpora => corpora.iter().any(|corpus| corpus.options.contains(&name)),
            };
            corpus.map_or_else(own, |corpus| corpus.options.contains(&name))
        };
        let mut given = self.0.iter().flat_map(|group| group.given());
        if let Some(name) = given.find(|name| !used(name)) {
            let message = match (entry.training_options.contains(&name), corpus) {
                (true, _) => Message::default().option(name).text(" is for training only"),
                (false, Some(corpus)) => Message::new(format!("{} does not use ", corpus.name)).option(name),
                (false, None) => Message::new(format!("a model for {} does not use ", K::NAME)).option(name),
            };
            return Err(message);
        }
        self.0.iter().for_each(|group| group.apply_to(options));
        Ok(())
    }
}

impl Args for AllTaskFlags {
    fn augment_args(command: Command) -> Command {
        struct AddFlags(Command);
        impl TaskVisitor for AddFlags {
            type Output = ();
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
                let group = TaskGroup::for_options::<K::Options>();
                for flag in group
                    .map(|group| group.args(&K::Options::default()))
                    .unwrap_or_default()
                {
                    let known = self
                        .0
                        .get_arguments()
                        .any(|known| known.get_id() == flag.get_id());
                    let command = std::mem::take(&mut self.0);
                    self.0 = match known {
                        true => command.mut_arg(flag.get_id().clone(), |known| {
                            with_help_of(known, &flag, K::NAME).help_heading("Options of several tasks")
                        }),
                        false => {
                            let hide = entry.training_options.contains(&flag.get_id().as_str());
                            let heading = format!("Options of {}", K::NAME.replace('-', " "));
                            let order = command.get_arguments().count();
                            command.arg(flag.hide(hide).help_heading(heading).display_order(order))
                        }
                    };
                }
                ControlFlow::Continue(())
            }
        }
        let mut add = AddFlags(command);
        visit_tasks(&mut add);
        add.0
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A flag that several tasks share. Adds the help of another task if it differs.
fn with_help_of(flag: Arg, other: &Arg, task: &str) -> Arg {
    let help = |flag: &Arg| flag.get_help().map(ToString::to_string).unwrap_or_default();
    let (ours, theirs) = (help(&flag), help(other));
    match ours.contains(&theirs) {
        true => flag,
        false => flag.help(format!("{ours}; for {task}: {theirs}")),
    }
}

impl FromArgMatches for AllTaskFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let groups = GROUPS.iter().map(|group| group.parse(matches));
        Ok(Self(groups.collect::<Result<_, _>>()?))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
