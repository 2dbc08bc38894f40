//! The flags of language modelling.

use bert_tasks::{CausalOptions, MaskedOptions, ModelSize};

use super::files::FullPath;
use super::group::flags;
use super::names::parser;
use super::numbers::{Finite, Number, Switch};

/// Declares a group of flags as [`flags!`] does, with those that describe a new model after its own.
macro_rules! flags_with_new_model {
    ($(#[$about:meta])* $name:ident for $options:ident { $($own:tt)* }) => {
        flags! {
            $(#[$about])*
            $name for $options {
                $($own)*
                /// Vocabulary of a new model, instead of --model: vocab.txt, tokenizer.json, or a folder with them.
                #[arg(value_name = "PATH")]
                vocabulary: FullPath,
                /// Size of a new model [default: small].
                #[arg(value_name = "SIZE", value_parser = parser::<ModelSize>())]
                size: ModelSize,
                /// Layers of a new model [default: those of --size].
                #[arg(value_name = "N")]
                layers: Number,
                /// Width of a new model [default: that of --size].
                #[arg(value_name = "N")]
                hidden: Number,
                /// Attention heads in each layer of a new model [default: one for 64 of its width].
                #[arg(value_name = "N")]
                heads: Number,
                /// Width inside the feed-forward networks of a new model [default: four times its width].
                #[arg(value_name = "N")]
                intermediate: Number,
                /// Longest text of a new model, in tokens [default: 512].
                #[arg(value_name = "N")]
                positions: Number,
            }
        }
    };
}

flags_with_new_model! {
    /// The flags of masked language modelling.
    MaskedFlags for MaskedOptions {
        /// Share of the tokens to mask.
        #[arg(value_name = "SHARE")]
        mask_probability: Finite,
        /// Mask whole words, with all of their pieces.
        #[arg(num_args = 0, default_missing_value = "true")]
        whole_words: Switch,
        /// Also learn whether one part of a document follows another (next-sentence prediction): the text then has a sentence
        /// on each line, and a blank line between documents.
        #[arg(num_args = 0, default_missing_value = "true")]
        nsp: Switch,
        /// Take each line as a text of its own, instead of parts that fill --max-length.
        #[arg(num_args = 0, default_missing_value = "true")]
        line_by_line: Switch,
        /// Column with the texts, in tables [default: guessed from the header].
        #[arg(value_name = "NAME")]
        text_column: String,
        /// Number of words to give for each mask, the most probable first.
        #[arg(value_name = "N")]
        top_k: Number,
    }
}

flags_with_new_model! {
    /// The flags of causal language modelling.
    CausalFlags for CausalOptions {
        /// Take each line as a text of its own, instead of parts that fill --max-length.
        #[arg(num_args = 0, default_missing_value = "true")]
        line_by_line: Switch,
        /// Treat the text between blank lines as one document; the model learns to end there.
        #[arg(num_args = 0, default_missing_value = "true")]
        documents: Switch,
        /// Column with the texts, in tables [default: guessed from the header].
        #[arg(value_name = "NAME")]
        text_column: String,
    }
}
