//! How the next token of a text is chosen.

use bert_core::random::mix;

use crate::task::{TaskError, check_counts};

/// How the next token is chosen: always the most probable one, or at random.
///
/// ```
/// use bert_tasks::language_modelling::Sampling;
/// assert_eq!(Sampling::GREEDY.choose(&[0.1, 2.0, 1.9], 0.99), 1);
/// // Of the two best tokens, one that a number from 0 to 1 picks.
/// let sampling = Sampling { temperature: 1.0, top_k: Some(2), ..Sampling::GREEDY };
/// assert_eq!(sampling.choose(&[0.1, 2.0, 1.9], 0.99), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The scores are divided by it: below 1, probable tokens become more probable. 0 always takes the most probable token.
    pub temperature: f64,
    /// Only the k most probable tokens are considered.
    pub top_k: Option<usize>,
    /// Only the most probable tokens are considered whose probabilities together reach this share (Holtzman et al. 2020, "The
    /// curious case of neural text degeneration").
    pub top_p: Option<f64>,
    /// What is drawn depends on it, on the prompt, on the number of the sequence, and on the position in it.
    pub seed: u64,
}

impl Sampling {
    /// The most probable token.
    pub const GREEDY: Self = Self {
        temperature: 0.0,
        top_k: None,
        top_p: None,
        seed: 0,
    };

    /// Whether nothing is drawn at random.
    pub fn is_greedy(&self) -> bool {
        self.temperature == 0.0
    }

    /// Checks that it is possible.
    ///
    /// # Errors
    /// For the first number that is not.
    pub fn check(&self) -> Result<(), TaskError> {
        let Self {
            temperature,
            top_k,
            top_p,
            ..
        } = *self;
        if !(temperature >= 0.0 && temperature.is_finite()) {
            let reason = format!(" is {temperature}; it must be a finite number, 0 or more");
            return Err(TaskError::option("temperature", reason));
        }
        if top_k == Some(0) {
            return Err(TaskError::option("top_k", " is 0; it must be at least 1"));
        }
        check_counts([("top_k", top_k.unwrap_or(1))])?;
        if let Some(share) = top_p.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            let reason = format!(" is {share}; it must be above 0 and at most 1");
            return Err(TaskError::option("top_p", reason));
        }
        for (option, given) in [("top_k", top_k.is_some()), ("top_p", top_p.is_some())] {
            if given && self.is_greedy() {
                let what = " limits random draws and needs a positive ";
                return Err(TaskError::needs(option, what, "temperature"));
            }
        }
        Ok(())
    }

    /// The token that `draw`, a number from 0 to 1, picks, by the scores of all tokens before the softmax. Of equal ones the first
    /// comes first. Scores of a model that has diverged pick any.
    pub fn choose(&self, scores: &[f32], draw: f64) -> u32 {
        let best = best(scores);
        let highest = scores.get(best as usize).copied().unwrap_or(0.0);
        if self.is_greedy() || !highest.is_finite() {
            return best;
        }
        let mut kept = self.candidates(scores);
        let weight = |id: u32| {
            let weight = (f64::from(scores[id as usize] - highest) / self.temperature).exp();
            if weight.is_nan() { 0.0 } else { weight }
        };
        let mut total: f64 = kept.iter().map(|&id| weight(id)).sum();
        if let Some(share) = self.top_p {
            let (mut sum, enough) = (0.0, share * total);
            let reached = |id: &u32| {
                sum += weight(*id);
                sum >= enough
            };
            let count = kept.iter().position(reached).map_or(kept.len(), |last| last + 1);
            kept.truncate(count);
            total = kept.iter().map(|&id| weight(id)).sum();
        }
        let (mut sum, target) = (0.0, draw * total);
        let picked = kept.iter().copied().find(|&id| {
            sum += weight(id);
            sum > target
        });
        picked.unwrap_or(best)
    }

    /// The tokens that are considered: in the order of their scores where that matters, else of their ids.
    fn candidates(&self, scores: &[f32]) -> Vec<u32> {
        let mut ids: Vec<u32> = (0..scores.len() as u32).collect();
        let better = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
        if let Some(count) = self.top_k.filter(|&count| count < ids.len()) {
            ids.select_nth_unstable_by(count, better);
            ids.truncate(count);
        }
        if self.top_k.is_some() || self.top_p.is_some() {
            ids.sort_unstable_by(better);
        }
        ids
    }

    /// The number from 0 to 1 that picks the token at a position of the sequence of this number, after `prompt`.
    pub(super) fn draw(&self, prompt: u64, sequence: usize, position: usize) -> f64 {
        let random = mix(self.seed ^ mix(prompt ^ mix(sequence as u64 ^ mix(position as u64))));
        // The 53 bits of a double's mantissa.
        (random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The first token with the highest score.
fn best(scores: &[f32]) -> u32 {
    let mut best = (0, f32::NEG_INFINITY);
    for (id, &score) in (0..).zip(scores) {
        if score > best.1 {
            best = (id, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(sampling: &Sampling, scores: &[f32]) -> Vec<f64> {
        const DRAWS: usize = 20_000;
        let mut counts = vec![0.0; scores.len()];
        for position in 0..DRAWS {
            counts[sampling.choose(scores, sampling.draw(7, 0, position)) as usize] += 1.0 / DRAWS as f64;
        }
        counts
    }

    #[test]
    fn tokens_are_drawn_as_often_as_they_are_probable() {
        let scores = [0.0, 1.0, 3.0, 2.0, -1.0];
        let softmax = |temperature: f64, kept: &[usize]| -> Vec<f64> {
            let weight = |id: usize| match kept.contains(&id) {
                true => (f64::from(scores[id]) / temperature).exp(),
                false => 0.0,
            };
            let total: f64 = (0..5).map(weight).sum();
            (0..5).map(|id| weight(id) / total).collect()
        };
        let all = [0, 1, 2, 3, 4];
        let warm = Sampling {
            temperature: 1.0,
            ..Sampling::GREEDY
        };
        for (sampling, expected) in [
            (warm, softmax(1.0, &all)),
            (
                Sampling {
                    temperature: 2.5,
                    ..warm
                },
                softmax(2.5, &all),
            ),
            (
                Sampling {
                    top_k: Some(2),
                    ..warm
                },
                softmax(1.0, &[2, 3]),
            ),
            // softmax(scores) = [.031, .084, .622, .229, .011]... the first two reach 0.8, and three 0.9.
            (
                Sampling {
                    top_p: Some(0.8),
                    ..warm
                },
                softmax(1.0, &[2, 3]),
            ),
            (
                Sampling {
                    top_p: Some(0.9),
                    ..warm
                },
                softmax(1.0, &[2, 3, 1]),
            ),
            (
                Sampling {
                    top_k: Some(2),
                    top_p: Some(0.9),
                    ..warm
                },
                softmax(1.0, &[2, 3]),
            ),
            (
                Sampling {
                    top_k: Some(2),
                    top_p: Some(0.7),
                    ..warm
                },
                softmax(1.0, &[2]),
            ),
        ] {
            sampling.check().unwrap();
            for (found, expected) in drawn(&sampling, &scores).iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 0.01,
                    "{sampling:?}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn draws_depend_on_all_their_numbers() {
        let sampling = Sampling::GREEDY;
        let other = Sampling { seed: 1, ..sampling };
        let first = sampling.draw(0, 0, 0);
        assert_eq!(sampling.draw(0, 0, 0), first);
        for draw in [
            sampling.draw(1, 0, 0),
            sampling.draw(0, 1, 0),
            sampling.draw(0, 0, 1),
            other.draw(0, 0, 0),
        ] {
            assert!(draw != first && (0.0..1.0).contains(&draw));
        }
    }

    #[test]
    fn odd_scores_pick_a_token() {
        let warm = Sampling {
            temperature: 1.0,
            top_p: Some(0.5),
            ..Sampling::GREEDY
        };
        for scores in [
            vec![f32::NAN; 3],
            vec![f32::INFINITY, 0.0, 1.0],
            vec![f32::NEG_INFINITY; 3],
            vec![f32::NAN, 1.0, 0.5],
        ] {
            for sampling in [Sampling::GREEDY, warm] {
                assert!(sampling.choose(&scores, 0.9) < 3, "{scores:?}");
            }
        }
        assert_eq!(Sampling::GREEDY.choose(&[f32::NAN, 1.0, 1.0], 0.5), 1);
    }

    #[test]
    fn impossible_numbers_are_refused() {
        let error = |change: fn(&mut Sampling)| {
            let mut sampling = Sampling {
                temperature: 1.0,
                ..Sampling::GREEDY
            };
            change(&mut sampling);
            sampling.check().unwrap_err().message().to_string()
        };
        assert!(error(|s| s.temperature = -1.0).contains("`temperature` is -1"));
        assert!(error(|s| s.temperature = f64::NAN).contains("`temperature` is NaN"));
        assert!(error(|s| s.top_k = Some(0)).contains("`top_k` is 0"));
        assert!(error(|s| s.top_p = Some(0.0)).contains("`top_p` is 0"));
        assert!(error(|s| s.top_p = Some(1.5)).contains("`top_p` is 1.5"));
        let greedy = error(|s| {
            s.temperature = 0.0;
            s.top_k = Some(5);
        });
        assert!(
            greedy.contains("`top_k`") && greedy.contains("`temperature`"),
            "{greedy}"
        );
    }
}
