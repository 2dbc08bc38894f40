//! Which articles are relevant for which query.

use std::collections::BTreeMap;

/// The grades of the articles that were judged for one query: above 0 is relevant, and more is better. An article that was not
/// judged has grade 0.
pub type Grades = BTreeMap<String, i32>;

/// The grades of articles for queries, which TREC calls qrels.
///
/// ```
/// use datasets::Judgements;
/// let mut judgements = Judgements::default();
/// judgements.insert("q1", "d7", 2);
/// assert_eq!(judgements.grades("q1").unwrap()["d7"], 2);
/// assert_eq!(judgements.grades("q2"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements(BTreeMap<String, Grades>);

impl Judgements {
    /// Sets the grade of an article for a query; returns the grade that it had.
    pub fn insert(&mut self, query: &str, article: &str, grade: i32) -> Option<i32> {
        match self.0.get_mut(query) {
            Some(grades) => grades.insert(article.into(), grade),
            None => {
                let grades = Grades::from([(article.into(), grade)]);
                self.0.insert(query.into(), grades);
                None
            }
        }
    }

    /// The grades of a query's articles; none if it was not judged.
    pub fn grades(&self, query: &str) -> Option<&Grades> {
        self.0.get(query)
    }

    /// The judged queries with their grades, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Grades)> {
        self.0.iter().map(|(query, grades)| (query.as_str(), grades))
    }

    /// The number of queries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of articles that are relevant for a query, over all queries.
    pub fn relevant(&self) -> usize {
        let grades = self.0.values().flat_map(Grades::values);
        grades.filter(|&&grade| grade > 0).count()
    }
}

impl<'a> FromIterator<(&'a str, &'a str, i32)> for Judgements {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str, i32)>>(grades: I) -> Self {
        let mut judgements = Self::default();
        for (query, article, grade) in grades {
            judgements.insert(query, article, grade);
        }
        judgements
    }
}
