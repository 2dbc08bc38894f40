//! A row of token ids with its target: what most tasks encode examples to.

use std::fmt::Debug;

use bert_core::{BertTokenizer, EncoderInput, Encoding};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::task::{Collation, EncodedRow, TaskError};

/// One input of the encoder, with its position in the example and its target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row<P, T> {
    /// Token ids and segments, without padding. Segments are stored as runs, so that a token takes about two bytes.
    #[serde(with = "stored")]
    pub encoding: Encoding,
    /// The number of the row's example in its dataset.
    pub example: usize,
    /// Where in the example the row's outputs belong.
    pub position: P,
    /// The target, where it is known.
    pub target: Option<T>,
}

impl<T> Row<(), T> {
    /// A row for each text or pair of texts, cut to `max_length` tokens; `target` gives the target of the text with a
    /// number.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, or the tokenizer refuses a text.
    pub fn of_texts(
        texts: &[(&str, Option<&str>)],
        tokenizer: &BertTokenizer,
        max_length: usize,
        target: impl Fn(usize) -> Option<T>,
    ) -> Result<Vec<Self>, TaskError> {
        let encodings = tokenizer.encode_batch(texts, max_length)?;
        let rows = encodings.into_iter().enumerate().map(|(example, encoding)| Row {
            encoding,
            example,
            position: (),
            target: target(example),
        });
        Ok(rows.collect())
    }
}

impl<P, T: Clone> Row<P, T> {
    /// The encoder's input of `rows` and their targets; no targets if one of them is unknown, since a loss over a part
    /// of the rows would be the loss of another batch.
    pub fn collate(rows: &[Self], context: &Collation<'_>) -> (EncoderInput, Vec<T>) {
        let encodings: Vec<&Encoding> = rows.iter().map(|row| &row.encoding).collect();
        let targets: Option<Vec<T>> = rows.iter().map(|row| row.target.clone()).collect();
        (context.encoder_input(&encodings), targets.unwrap_or_default())
    }
}

impl<P, T> EncodedRow for Row<P, T>
where
    P: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.encoding.ids.len()
    }

    fn is_truncated(&self) -> bool {
        self.encoding.truncated
    }

    fn count_of(&self, id: u32) -> usize {
        self.encoding.ids.iter().filter(|&&other| other == id).count()
    }

    fn has_target(&self) -> bool {
        self.target.is_some()
    }

    /// Token ids, segments and target.
    fn fingerprint(&self, bytes: &mut Vec<u8>) {
        bytes.extend((self.encoding.ids.len() as u64).to_le_bytes());
        bytes.extend(self.encoding.ids.iter().flat_map(|id| id.to_le_bytes()));
        bytes.extend(&self.encoding.type_ids);
        bytes.extend(format!("{:?}", self.target).as_bytes());
    }
}

/// How an encoding is stored.
mod stored {
    use bert_core::Encoding;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Borrowed<'a> {
        ids: &'a [u32],
        /// Each segment with how many tokens in a row have it.
        segments: Vec<(u8, u32)>,
        truncated: bool,
    }

    #[derive(Deserialize)]
    struct Owned {
        ids: Vec<u32>,
        segments: Vec<(u8, u32)>,
        truncated: bool,
    }

    pub(super) fn serialize<S: Serializer>(encoding: &Encoding, serializer: S) -> Result<S::Ok, S::Error> {
        let runs = encoding.type_ids.chunk_by(|a, b| a == b);
        let stored = Borrowed {
            ids: &encoding.ids,
            segments: runs.map(|run| (run[0], run.len() as u32)).collect(),
            truncated: encoding.truncated,
        };
        stored.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Encoding, D::Error> {
        let Owned {
            ids,
            segments,
            truncated,
        } = Owned::deserialize(deserializer)?;
        let tokens: u64 = segments.iter().map(|&(_, tokens)| u64::from(tokens)).sum();
        if tokens != ids.len() as u64 {
            let reason = format!("the segments have {tokens} tokens, the row {}", ids.len());
            return Err(serde::de::Error::custom(reason));
        }
        let mut type_ids = Vec::with_capacity(ids.len());
        for (segment, tokens) in segments {
            type_ids.resize(type_ids.len() + tokens as usize, segment);
        }
        Ok(Encoding {
            ids,
            type_ids,
            truncated,
        })
    }
}
