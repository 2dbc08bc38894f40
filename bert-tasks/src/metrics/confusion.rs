//! Metrics of classification, all from the confusion matrix.

use std::collections::HashMap;

/// How often each label was predicted for each true label.
///
/// ```
/// use bert_tasks::metrics::Confusion;
/// let mut confusion = Confusion::new(2);
/// for (gold, predicted) in [(1, 1), (1, 1), (1, 0), (0, 1), (0, 0)] {
///     confusion.add(gold, predicted);
/// }
/// assert_eq!(confusion.accuracy(), 0.6);
/// assert!((confusion.f1(1) - 2.0 / 3.0).abs() < 1e-12);
/// ```
///
/// Only the cells that occur are stored: memory follows the examples and the labels, not the square of the labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// The wrong predictions: how many examples of a label were predicted to be another.
    mistakes: HashMap<(usize, usize), u64>,
    hits: Vec<u64>,
    gold: Vec<u64>,
    predicted: Vec<u64>,
}

impl Confusion {
    /// An empty matrix over `classes` labels.
    pub fn new(classes: usize) -> Self {
        Self {
            mistakes: HashMap::new(),
            hits: vec![0; classes],
            gold: vec![0; classes],
            predicted: vec![0; classes],
        }
    }

    /// The number of labels.
    pub fn classes(&self) -> usize {
        self.gold.len()
    }

    /// Counts one example.
    ///
    /// # Panics
    /// If a label is outside the classes.
    pub fn add(&mut self, gold: usize, predicted: usize) {
        self.gold[gold] += 1;
        self.predicted[predicted] += 1;
        if gold == predicted {
            self.hits[gold] += 1;
        } else {
            *self.mistakes.entry((gold, predicted)).or_default() += 1;
        }
    }

    /// Examples of the label `gold` that were predicted to be `predicted`.
    pub fn count(&self, gold: usize, predicted: usize) -> u64 {
        if gold == predicted {
            return self.hits[gold];
        }
        self.mistakes.get(&(gold, predicted)).copied().unwrap_or(0)
    }

    fn total(&self) -> f64 {
        self.gold.iter().sum::<u64>() as f64
    }

    /// Examples of a label that were predicted correctly.
    pub fn hits(&self, class: usize) -> f64 {
        self.hits[class] as f64
    }

    /// Examples of a label.
    pub fn gold(&self, class: usize) -> f64 {
        self.gold[class] as f64
    }

    /// Examples that were predicted to be of a label.
    pub fn predicted(&self, class: usize) -> f64 {
        self.predicted[class] as f64
    }

    /// The share of right predictions; 0 where there is no example.
    pub fn accuracy(&self) -> f64 {
        let hits: f64 = (0..self.classes()).map(|class| self.hits(class)).sum();
        ratio(hits, self.total())
    }

    /// F1 of one label: the harmonic mean of precision and recall; 0 if the label neither occurs nor was predicted,
    /// as scikit-learn's `f1_score` with `zero_division=0`.
    pub fn f1(&self, class: usize) -> f64 {
        ratio(2.0 * self.hits(class), self.gold(class) + self.predicted(class))
    }

    /// The mean of the labels' F1. Labels that neither occur nor were predicted do not count, as in scikit-learn's
    /// `f1_score(average="macro")`.
    pub fn macro_f1(&self) -> f64 {
        let seen: Vec<f64> = (0..self.classes())
            .filter(|&class| self.gold(class) + self.predicted(class) > 0.0)
            .map(|class| self.f1(class))
            .collect();
        ratio(seen.iter().sum(), seen.len() as f64)
    }

    /// Matthews correlation for any number of labels (Gorodkin 2004, "Comparing two K-category assignments by a
    /// K-category correlation coefficient"), from -1 to 1; 0 if only one label occurs or was predicted, as in
    /// scikit-learn's `matthews_corrcoef`.
    pub fn matthews(&self) -> f64 {
        let total = self.total();
        let (mut hits, mut both, mut golds, mut predictions) = (0.0, 0.0, 0.0, 0.0);
        for class in 0..self.classes() {
            let (gold, predicted) = (self.gold(class), self.predicted(class));
            hits += self.hits(class);
            both += gold * predicted;
            golds += gold * gold;
            predictions += predicted * predicted;
        }
        let covariance = hits * total - both;
        let variances = (total * total - golds) * (total * total - predictions);
        ratio(covariance, variances.sqrt())
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(classes: usize, pairs: &[(usize, usize)]) -> Confusion {
        let mut confusion = Confusion::new(classes);
        for &(gold, predicted) in pairs {
            confusion.add(gold, predicted);
        }
        confusion
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }

    #[test]
    fn two_labels_by_hand() {
        // 3 true positives, 1 false negative, 2 false positives, 4 true negatives
        let mut pairs = vec![(1, 1); 3];
        pairs.extend([(1, 0)]);
        pairs.extend(vec![(0, 1); 2]);
        pairs.extend(vec![(0, 0); 4]);
        let c = confusion(2, &pairs);
        close(c.accuracy(), 0.7);
        close(c.f1(1), 6.0 / 9.0);
        close(c.f1(0), 8.0 / 11.0);
        close(c.macro_f1(), (6.0 / 9.0 + 8.0 / 11.0) / 2.0);
        // (3 * 4 - 2 * 1) / sqrt(5 * 4 * 6 * 5)
        close(c.matthews(), 10.0 / 600f64.sqrt());
    }

    #[test]
    fn three_labels_as_scikit_learn() {
        // y = [0,0,0,1,1,2,2,2,2,1]; p = [0,1,0,1,1,2,2,0,1,2], and from sklearn.metrics:
        // accuracy_score(y, p), f1_score(y, p, average='macro'), matthews_corrcoef(y, p)
        let gold = [0, 0, 0, 1, 1, 2, 2, 2, 2, 1];
        let predicted = [0, 1, 0, 1, 1, 2, 2, 0, 1, 2];
        let pairs: Vec<_> = gold.into_iter().zip(predicted).collect();
        let c = confusion(3, &pairs);
        close(c.accuracy(), 0.6);
        close(c.macro_f1(), 0.6031746031746031);
        close(c.matthews(), 0.4090909090909091);
    }

    #[test]
    fn degenerate_sets_are_zero_and_never_nan() {
        let empty = Confusion::new(2);
        assert_eq!(
            [empty.accuracy(), empty.f1(1), empty.macro_f1(), empty.matthews()],
            [0.0; 4]
        );
        let always_one = confusion(2, &[(0, 1), (1, 1), (1, 1)]);
        assert_eq!(always_one.matthews(), 0.0);
        close(always_one.accuracy(), 2.0 / 3.0);
        let perfect = confusion(2, &[(0, 0), (1, 1)]);
        assert_eq!(perfect.matthews(), 1.0);
        let opposite = confusion(2, &[(0, 1), (1, 0)]);
        assert_eq!(opposite.matthews(), -1.0);
    }

    #[test]
    fn a_label_nobody_used_does_not_lower_macro_f1() {
        // sklearn.metrics.f1_score([0, 1], [0, 1], average='macro') with a third label never seen: 1.0
        assert_eq!(confusion(3, &[(0, 0), (1, 1)]).macro_f1(), 1.0);
    }

    #[test]
    fn many_labels_take_no_square_of_memory() {
        // Dense, this matrix would take 20 TB.
        let classes = 1_600_000;
        let mut counts = confusion(classes, &[(0, 0), (classes - 1, 3), (3, 3), (classes - 1, 3)]);
        counts.add(5, 0);
        assert_eq!(counts.count(classes - 1, 3), 2);
        assert_eq!((counts.count(3, 3), counts.count(3, 4)), (1, 0));
        assert_eq!((counts.gold(classes - 1), counts.predicted(3)), (2.0, 3.0));
        close(counts.accuracy(), 0.4);
        // sklearn.metrics.f1_score([0, 9, 3, 9, 5], [0, 3, 3, 3, 0], average="macro")
        close(counts.macro_f1(), (2.0 / 3.0 + 0.5) / 4.0);
    }
}
