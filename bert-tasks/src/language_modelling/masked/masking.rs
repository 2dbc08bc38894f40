//! Which tokens of a row are masked, and what stands in their positions (Devlin et al. 2019, section 3.1).

use datasets::Random;

use super::super::vocabulary::Vocabulary;

/// How tokens are masked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Masking {
    /// The share of the tokens that are no special tokens.
    pub probability: f64,
    /// Whether all pieces of a word are masked together.
    pub whole_words: bool,
}

/// A row with masked tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// What the model reads.
    pub ids: Vec<u32>,
    /// The positions of the masked tokens, ascending.
    pub positions: Vec<usize>,
}

impl Masking {
    /// Masks tokens of a row: a function of the row and `seed` alone. Of the masked tokens, 8 in 10 are replaced by the mask
    /// token, 1 by another word of the vocabulary, drawn at random, and 1 stays as it is.
    ///
    /// At least one token is masked, unless all are special. Of whole words, as many are taken as fit the share, in random
    /// order, as in google-research/bert (`create_masked_lm_predictions`).
    pub fn mask(&self, ids: &[u32], vocabulary: &Vocabulary, seed: u64) -> Masked {
        let mut random = Random::new(seed);
        let is_candidate = |position: &usize| !vocabulary.is_special(ids[*position]);
        let candidates: Vec<usize> = (0..ids.len()).filter(is_candidate).collect();
        let wanted = (self.probability * candidates.len() as f64).round() as usize;
        let wanted = wanted.max(1).min(candidates.len());
        let mut positions = match self.whole_words {
            true => whole_words(words(&candidates, ids, vocabulary), wanted, &mut random),
            false => single_tokens(candidates, wanted, &mut random),
        };
        positions.sort_unstable();
        let mut masked = ids.to_vec();
        for &position in &positions {
            masked[position] = match random.below(10) {
                0 => ids[position],
                1 => random.pick(vocabulary.words()),
                _ => vocabulary.mask(),
            };
        }
        Masked {
            ids: masked,
            positions,
        }
    }
}

fn single_tokens(mut candidates: Vec<usize>, wanted: usize, random: &mut Random) -> Vec<usize> {
    // The beginning of a shuffle.
    for position in 0..wanted {
        let other = position + random.below(candidates.len() - position);
        candidates.swap(position, other);
    }
    candidates.truncate(wanted);
    candidates
}

/// The candidates by words: a continuation piece belongs to the token before it.
fn words(candidates: &[usize], ids: &[u32], vocabulary: &Vocabulary) -> Vec<Vec<usize>> {
    let mut words: Vec<Vec<usize>> = vec![];
    for &position in candidates {
        let continues = vocabulary.continues_word(ids[position]);
        match words.last_mut() {
            Some(word) if continues && word.last() == Some(&(position.wrapping_sub(1))) => {
                word.push(position)
            }
            _ => words.push(vec![position]),
        }
    }
    words
}

/// The positions of some words, at most `wanted` of them; of one word, where all are longer.
fn whole_words(mut words: Vec<Vec<usize>>, wanted: usize, random: &mut Random) -> Vec<usize> {
    random.shuffle(&mut words);
    let mut positions = vec![];
    for word in &words {
        if positions.len() + word.len() <= wanted {
            positions.extend_from_slice(word);
        }
    }
    if positions.is_empty() {
        positions.extend(words.into_iter().min_by_key(Vec::len).unwrap_or_default());
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::BertTokenizer;
    use bert_core::tokenizer::Normalization;

    const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    const MASK: u32 = 4;

    /// Ids from 5 on are words `w5`, `w6`, …; from `pieces` on, pieces `##…`.
    fn vocabulary(words: usize, pieces: usize) -> Vocabulary {
        let plain = (5..5 + words).map(|id| format!("w{id}"));
        let pieces = (5 + words..5 + words + pieces).map(|id| format!("##{id}"));
        let all = SPECIAL.map(String::from).into_iter().chain(plain).chain(pieces);
        let tokenizer = BertTokenizer::from_vocabulary(all.collect(), Normalization::default()).unwrap();
        Vocabulary::of(&tokenizer).unwrap()
    }

    fn mask(ids: &[u32], whole_words: bool, vocabulary: &Vocabulary, seed: u64) -> Masked {
        let masking = Masking {
            probability: 0.15,
            whole_words,
        };
        masking.mask(ids, vocabulary, seed)
    }

    #[test]
    fn the_share_is_exact_and_eight_in_ten_are_masks() {
        let vocabulary = vocabulary(1000, 0);
        let mut ids = vec![2];
        ids.extend(5..105);
        ids.push(3);
        let (mut masks, mut same, mut other, mut by_position) = (0, 0, 0, vec![0; ids.len()]);
        const TIMES: usize = 2000;
        for seed in 0..TIMES {
            let found = mask(&ids, false, &vocabulary, seed as u64 * 7919);
            assert_eq!(found.positions.len(), 15);
            assert!(found.positions.is_sorted_by(|a, b| a < b));
            for (position, (new, old)) in found.ids.iter().zip(&ids).enumerate() {
                let masked = found.positions.contains(&position);
                assert!(masked || new == old);
                by_position[position] += usize::from(masked);
                if masked {
                    masks += usize::from(*new == MASK);
                    same += usize::from(new == old);
                    other += usize::from(*new != MASK && new != old);
                    assert!(*new >= MASK);
                }
            }
        }
        let all = (15 * TIMES) as f64;
        // Four standard deviations of shares of 30 000: sqrt(.8 * .2 / 30000) = .0023, sqrt(.1 * .9 / 30000) = .0017.
        let close = |count: usize, share: f64, within: f64| (count as f64 / all - share).abs() < within;
        assert!(close(masks, 0.8, 0.0092), "{masks}");
        assert!(close(same, 0.1 + 0.1 / 1000.0, 0.007), "{same}");
        assert!(close(other, 0.1 * 0.999, 0.007), "{other}");
        // Special tokens never; every other position alike: 300 times, give or take 5 * sqrt(300 * .85).
        assert_eq!((by_position[0], by_position[101]), (0, 0));
        assert!(
            by_position[1..101].iter().all(|count| (220..380).contains(count)),
            "{by_position:?}"
        );
    }

    #[test]
    fn short_rows_have_one_hidden_token_and_special_ones_none() {
        let vocabulary = vocabulary(10, 0);
        assert_eq!(mask(&[2, 7, 3], false, &vocabulary, 1).positions, [1]);
        assert_eq!(mask(&[2, 7, 8, 3], true, &vocabulary, 1).positions.len(), 1);
        // 10 * .15 is rounded to 2.
        let ten: Vec<u32> = (5..15).collect();
        assert_eq!(mask(&ten, false, &vocabulary, 1).positions.len(), 2);
        for ids in [vec![], vec![2, 3], vec![2, 1, 1, 3]] {
            for whole in [false, true] {
                let found = mask(&ids, whole, &vocabulary, 1);
                assert_eq!((found.ids, found.positions), (ids.clone(), vec![]));
            }
        }
    }

    #[test]
    fn a_row_and_a_seed_give_the_same_masks() {
        let vocabulary = vocabulary(100, 10);
        let ids: Vec<u32> = (5..105).collect();
        for whole in [false, true] {
            let found = mask(&ids, whole, &vocabulary, 3);
            assert_eq!(found, mask(&ids, whole, &vocabulary, 3));
            assert_ne!(found, mask(&ids, whole, &vocabulary, 4));
        }
    }

    #[test]
    fn whole_words_are_hidden_with_all_pieces() {
        let vocabulary = vocabulary(50, 20);
        let piece = 5 + 50;
        // Words of one, two and three tokens.
        let mut ids = vec![2];
        for word in 0..30u32 {
            ids.push(5 + word);
            ids.extend((0..word % 3).map(|number| piece + number));
        }
        ids.push(3);
        let wanted = ((ids.len() - 2) as f64 * 0.15).round() as usize;
        let mut full = 0;
        for seed in 0..300 {
            let found = mask(&ids, true, &vocabulary, seed).positions;
            let masked = |position: usize| found.contains(&position);
            for (position, &id) in ids.iter().enumerate().take(ids.len() - 1).skip(1) {
                if id >= piece {
                    assert_eq!(masked(position), masked(position - 1), "{seed}: {found:?}");
                }
            }
            assert!(!found.is_empty() && found.len() <= wanted);
            full += usize::from(found.len() == wanted);
        }
        assert_eq!(full, 300, "words of one token fill the rest");
        // A word that is longer than the share is masked where there is no other.
        assert_eq!(
            mask(&[2, 5, piece, piece + 1, 3], true, &vocabulary, 1).positions,
            [1, 2, 3]
        );
    }

    #[test]
    fn ideographs_are_words_by_themselves() {
        let words = ["天", "##地", "##玄", "##黄", "##宇", "##宙", "##ab"];
        let all = SPECIAL.iter().chain(&words).map(|word| word.to_string());
        let normalization = Normalization {
            chinese_chars: false,
            ..Normalization::default()
        };
        let tokenizer = BertTokenizer::from_vocabulary(all.collect(), normalization).unwrap();
        let ids = tokenizer.encode("天地玄黄宇宙", None, 20).unwrap().ids;
        assert_eq!(ids, [2, 5, 6, 7, 8, 9, 10, 3]);
        let vocabulary = Vocabulary::of(&tokenizer).unwrap();
        let mut seen = vec![0; ids.len()];
        for seed in 0..100 {
            let found = mask(&ids, true, &vocabulary, seed).positions;
            assert_eq!(found.len(), 1, "6 * .15 is rounded to 1");
            seen[found[0]] += 1;
        }
        assert!(seen[1..7].iter().all(|count| *count > 0), "{seen:?}");
        // Letters go on with the word before them.
        assert_eq!(mask(&[2, 5, 11, 3], true, &vocabulary, 1).positions, [1, 2]);
    }
}
