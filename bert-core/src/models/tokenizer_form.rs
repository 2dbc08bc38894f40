//! How tokenizers mark texts with special tokens.

/// The special tokens of an architecture, and where they stand around a text or a pair of texts.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenizerForm {
    /// The tokenizer's class in transformers, without `Fast`.
    pub class: &'static str,
    /// Other classes that build the same tokenizer.
    pub aliases: &'static [&'static str],
    /// The algorithm that cuts words into pieces, as `tokenizer.json` names it.
    pub model: &'static str,
    /// Fills the shorter rows of a batch.
    pub pad: &'static str,
    /// Stands for a word that the vocabulary cannot spell.
    pub unk: &'static str,
    /// Starts every input.
    pub cls: &'static str,
    /// Ends every text.
    pub sep: &'static str,
    /// Masks a token in pre-training.
    pub mask: &'static str,
    /// How many `sep` there are between the two texts of a pair.
    pub separators: usize,
    /// The token type of the second text of a pair, and of the `sep` after it.
    pub second_type: u8,
}

impl TokenizerForm {
    /// The number of special tokens around one text, or around a pair.
    pub const fn special_count(&self, pair: bool) -> usize {
        if pair { 2 + self.separators } else { 2 }
    }

    /// One text with its special tokens, as `TemplateProcessing` in `tokenizer.json` writes it.
    pub fn single(&self) -> String {
        format!("{}:0 $A:0 {}:0", self.cls, self.sep)
    }

    /// A pair of texts with its special tokens, as `TemplateProcessing` in `tokenizer.json` writes it.
    pub fn pair(&self) -> String {
        let Self {
            sep,
            second_type: kind,
            ..
        } = self;
        let between = format!(" {sep}:0").repeat(self.separators - 1);
        format!("{}{between} $B:{kind} {sep}:{kind}", self.single())
    }
}
