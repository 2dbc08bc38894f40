//! Next-sentence prediction: pairs of parts, the second of which follows the first in its document, or is from another document
//! (Devlin et al. 2019, appendix A.2; google-research/bert, `create_pretraining_data.py`).

use std::ops::Range;

use datasets::{Passage, Random};

use super::super::vocabulary::Vocabulary;

/// One passage in this many gives shorter pairs, so that a model knows short texts too.
const SHORT: usize = 10;

/// Two parts, as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// At least one token.
    pub first: Vec<u32>,
    /// At least one token.
    pub second: Vec<u32>,
    /// Whether the second part follows the first.
    pub is_next: bool,
}

/// The passages that pairs are made from.
#[derive(Debug)]
pub struct Pairs {
    /// The segments of each passage: sentences, or lines.
    segments: Vec<Vec<Vec<u32>>>,
    /// The passages of the document of each passage.
    documents: Vec<Range<usize>>,
    /// The most tokens of the two parts.
    room: usize,
}

impl Pairs {
    /// Pairs of at most `room` tokens, from passages that are cut into segments. Each passage has a segment, and no segment is
    /// empty.
    pub fn new(passages: &[Passage], segments: Vec<Vec<Vec<u32>>>, room: usize) -> Self {
        let mut documents = Vec::with_capacity(passages.len());
        for document in passages.chunk_by(Passage::is_of_document_of) {
            let range = documents.len()..documents.len() + document.len();
            documents.extend(document.iter().map(|_| range.clone()));
        }
        Self {
            segments,
            documents,
            room,
        }
    }

    /// The pairs of a passage, at least one. All draws are functions of `seed`.
    ///
    /// Segments are collected to a target length. They are divided at random; in half of all cases, and where there is only one,
    /// the second part is then replaced by one from a random passage of another document, and its segments are used again.
    /// Where there is no other document, all pairs are from this one.
    pub fn of_passage(&self, passage: usize, seed: u64) -> Vec<Pair> {
        let mut random = Random::new(seed);
        let segments = &self.segments[passage];
        let target = match random.once_in(SHORT) && self.room > 2 {
            true => 2 + random.below(self.room - 1),
            false => self.room,
        };
        let (mut pairs, mut chunk, mut length, mut next) = (vec![], vec![], 0, 0);
        while next < segments.len() {
            chunk.push(next);
            length += segments[next].len();
            next += 1;
            if next < segments.len() && length < target {
                continue;
            }
            let (pair, unused) = self.pair(passage, &chunk, target, &mut random);
            pairs.push(pair);
            next -= unused;
            chunk.clear();
            length = 0;
        }
        pairs
    }

    /// A pair of the segments of `chunk`, and how many of them it does not use.
    fn pair(&self, passage: usize, chunk: &[usize], target: usize, random: &mut Random) -> (Pair, usize) {
        let of = |chunk: &[usize]| -> Vec<u32> {
            let segments = chunk.iter().flat_map(|&segment| &self.segments[passage][segment]);
            segments.copied().collect()
        };
        let others = self.segments.len() - self.documents[passage].len();
        let first_segments = match chunk.len() {
            0 | 1 => chunk.len(),
            count => 1 + random.below(count - 1),
        };
        let (head, tail) = chunk.split_at(first_segments);
        let from_another = others > 0 && (tail.is_empty() || random.once_in(2));
        let (mut first, mut second) = match (from_another, tail.is_empty()) {
            (true, _) => {
                let first = of(head);
                let room = target.saturating_sub(first.len());
                (first, self.of_another_document(passage, room, random))
            }
            (false, false) => (of(head), of(tail)),
            (false, true) => in_halves(of(head)),
        };
        truncate(&mut first, &mut second, self.room, random);
        let pair = Pair {
            first,
            second,
            is_next: !from_another,
        };
        (pair, if from_another { tail.len() } else { 0 })
    }

    /// Segments of a passage of another document, until they have `room` tokens; at least one.
    fn of_another_document(&self, passage: usize, room: usize, random: &mut Random) -> Vec<u32> {
        let own = &self.documents[passage];
        let drawn = random.below(self.segments.len() - own.len());
        let other = &self.segments[if drawn < own.start {
            drawn
        } else {
            drawn + own.len()
        }];
        let start = random.below(other.len());
        let mut tokens = vec![];
        for segment in &other[start..] {
            tokens.extend_from_slice(segment);
            if tokens.len() >= room {
                break;
            }
        }
        tokens
    }
}

/// A segment in two parts.
fn in_halves(mut segment: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
    match segment.len() {
        0 | 1 => (segment.clone(), segment),
        length => {
            let second = segment.split_off(length / 2);
            (segment, second)
        }
    }
}

/// Removes tokens from the front or the end of the longer part, at random, until both have at most `room`.
fn truncate(first: &mut Vec<u32>, second: &mut Vec<u32>, room: usize, random: &mut Random) {
    let mut kept = [0..first.len(), 0..second.len()];
    while kept[0].len() + kept[1].len() > room.max(2) {
        let longer = usize::from(kept[1].len() >= kept[0].len());
        match random.once_in(2) {
            true => kept[longer].start += 1,
            false => kept[longer].end -= 1,
        }
    }
    let [a, b] = kept;
    first.truncate(a.end);
    first.drain(..a.start);
    second.truncate(b.end);
    second.drain(..b.start);
}

/// A line in segments of at most about `most` tokens: a longer line is cut at the ends of its sentences.
pub fn segments(line: &[u32], vocabulary: &Vocabulary, most: usize) -> Vec<Vec<u32>> {
    if line.len() <= most {
        return vec![line.to_vec()];
    }
    let mut segments: Vec<Vec<u32>> = vec![vec![]];
    for (at, &id) in line.iter().enumerate() {
        segments.last_mut().expect("there is one").push(id);
        if vocabulary.ends_sentence(id) && at + 1 < line.len() {
            segments.push(vec![]);
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::Source;

    /// Passages of the documents with these numbers, each of `segments` segments of three tokens. A token says its passage: the
    /// tokens of passage `n` are 1000 n, 1000 n + 1, ….
    fn pairs(documents: &[u32], segments: usize, room: usize) -> Pairs {
        let file = Source::file("a.txt".as_ref());
        let passages: Vec<Passage> = documents
            .iter()
            .map(|&document| Passage {
                text: String::new(),
                document,
                ends_document: false,
                is_input: false,
                source: file.clone(),
            })
            .collect();
        let tokens = |passage: usize| {
            let segment = move |segment: usize| {
                let first = (1000 * passage + 3 * segment) as u32;
                (first..first + 3).collect()
            };
            (0..segments).map(segment).collect()
        };
        let segments = (0..documents.len()).map(tokens).collect();
        Pairs::new(&passages, segments, room)
    }

    fn passage_of(tokens: &[u32]) -> usize {
        assert!(tokens.windows(2).all(|two| two[0] + 1 == two[1]), "{tokens:?}");
        tokens[0] as usize / 1000
    }

    #[test]
    fn half_of_the_second_parts_are_from_other_documents() {
        let documents = [0, 0, 1, 2, 2, 2, 3];
        let pairs = pairs(&documents, 60, 30);
        let (mut next, mut all, mut full) = (0, 0, 0);
        for seed in 0..400 {
            for passage in 0..documents.len() {
                for pair in pairs.of_passage(passage, seed * 31 + passage as u64) {
                    let (a, b) = (passage_of(&pair.first), passage_of(&pair.second));
                    assert_eq!(a, passage);
                    match pair.is_next {
                        true => assert_eq!(*pair.first.last().unwrap() + 1, pair.second[0]),
                        false => assert_ne!(documents[a], documents[b]),
                    }
                    let length = pair.first.len() + pair.second.len();
                    assert!(length <= 30 && !pair.first.is_empty() && !pair.second.is_empty());
                    next += usize::from(pair.is_next);
                    full += usize::from(length >= 28);
                    all += 1;
                }
            }
        }
        let share = next as f64 / all as f64;
        // Those at the end of a passage may have one segment only; short ones too.
        assert!((0.42..0.52).contains(&share), "{share} of {all}");
        assert!(full as f64 > 0.6 * all as f64, "{full} of {all}");
    }

    #[test]
    fn every_segment_is_used_once_as_first_part_or_next() {
        let pairs = pairs(&[0, 1], 40, 24);
        for seed in 0..50 {
            let mut found: Vec<u32> = pairs
                .of_passage(0, seed)
                .into_iter()
                .flat_map(|pair| match pair.is_next {
                    true => [pair.first, pair.second].concat(),
                    false => pair.first,
                })
                .collect();
            let count = found.len();
            found.dedup();
            assert_eq!(found.len(), count, "no token twice");
            // Little is cut off: a target is exceeded by less than one segment.
            assert!(count > 100, "{count}");
        }
    }

    #[test]
    fn one_passage_in_ten_gives_shorter_pairs() {
        let pairs = pairs(&[0, 1], 200, 64);
        let is_short = |seed: &u64| {
            let all = pairs.of_passage(0, *seed * 17);
            let lengths = all[..all.len() - 1].iter();
            let mean = lengths
                .map(|pair| pair.first.len() + pair.second.len())
                .sum::<usize>()
                / (all.len() - 1);
            mean < 58
        };
        let short = (0..2000).filter(is_short).count();
        assert!((120..230).contains(&short), "{short}");
    }

    #[test]
    fn draws_are_functions_of_the_seed() {
        let pairs = pairs(&[0, 1, 2], 30, 20);
        assert_eq!(pairs.of_passage(1, 5), pairs.of_passage(1, 5));
        assert_ne!(pairs.of_passage(1, 5), pairs.of_passage(1, 6));
    }

    #[test]
    fn without_another_document_all_pairs_follow() {
        let alone = pairs(&[0, 0], 10, 12);
        for seed in 0..20 {
            assert!(alone.of_passage(0, seed).iter().all(|pair| pair.is_next));
        }
        let single = pairs(&[0], 1, 12).of_passage(0, 1);
        assert_eq!(
            (&single[0].first[..], &single[0].second[..]),
            (&[0][..], &[1, 2][..])
        );
        // One segment and another document.
        let single = pairs(&[0, 1], 1, 12).of_passage(0, 1);
        assert!(single.len() == 1 && !single[0].is_next);
        assert_eq!(in_halves(vec![7]), (vec![7], vec![7]));
    }

    #[test]
    fn long_parts_are_cut_at_both_ends() {
        let (mut front, mut end) = (0, 0);
        for seed in 0..100 {
            let (mut first, mut second): (Vec<u32>, Vec<u32>) = ((0..30).collect(), (100..104).collect());
            truncate(&mut first, &mut second, 20, &mut Random::new(seed));
            assert_eq!((first.len(), second.len()), (16, 4));
            front += first[0];
            end += 29 - first[15];
        }
        assert_eq!(front + end, 1400);
        assert!((550..850).contains(&front), "{front}");
        let (mut first, mut second) = (vec![1; 9], vec![2; 9]);
        truncate(&mut first, &mut second, 1, &mut Random::new(1));
        assert_eq!((first.len(), second.len()), (1, 1));
    }
}
