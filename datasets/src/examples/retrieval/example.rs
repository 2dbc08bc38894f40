//! What a retriever learns from: a collection, and queries with the articles that are relevant for them.

#[cfg(feature = "files")]
use std::borrow::Cow;
use std::collections::HashSet;

use serde::Serialize;

use super::{Article, Query};
use crate::error::DataError;
#[cfg(feature = "files")]
use crate::examples::Storable;
use crate::examples::{Example, Examples, Group, TextDataset, TextExample};
use crate::source::Source;

/// An article of the collection, or a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RetrievalExample {
    /// An article.
    Article(Article),
    /// A query with what is known about articles.
    Query(JudgedQuery),
}

/// A query, and which articles are relevant for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgedQuery {
    /// The query.
    pub query: Query,
    /// Numbers of articles in the dataset, each with its grade: above 0 is relevant.
    pub grades: Vec<(u32, i32)>,
    /// Numbers of articles that are not relevant, although a search ranks them high (hard negatives).
    pub negatives: Vec<u32>,
}

/// All articles of a collection, then the queries: the number of an article in the collection is its number in the dataset.
///
/// ```
/// use datasets::{Article, Query, RetrievalDataset, RetrievalExample, Source};
/// let source = Source::file("made up".as_ref());
/// let article = |id: &str, text: &str| Article {
///     id: id.into(),
///     title: None,
///     text: text.into(),
///     source: source.clone(),
/// };
/// let articles = vec![article("a", "Oil prices fall."), article("b", "Rain in the north.")];
/// let query = Query { id: "q".into(), text: "weather".into(), source: source.clone() };
/// let data = RetrievalDataset::of_queries(articles, vec![(query, vec![(1, 1)])])?;
/// assert_eq!(data.len(), 3);
/// # Ok::<(), datasets::DataError>(())
/// ```
pub type RetrievalDataset = Examples<RetrievalExample>;

impl JudgedQuery {
    /// The numbers of the relevant articles.
    pub fn relevant(&self) -> impl Iterator<Item = u32> + '_ {
        let relevant = self.grades.iter().filter(|(_, grade)| *grade > 0);
        relevant.map(|&(article, _)| article)
    }
}

impl RetrievalDataset {
    /// Articles, and queries each with the numbers and grades of articles.
    ///
    /// # Errors
    /// If there is neither.
    pub fn of_queries(
        articles: Vec<Article>,
        queries: Vec<(Query, Vec<(u32, i32)>)>,
    ) -> Result<Self, DataError> {
        let file = articles
            .first()
            .map(|article| article.source.file.clone())
            .or_else(|| queries.first().map(|(query, _)| query.source.file.clone()));
        let articles = articles.into_iter().map(RetrievalExample::Article);
        let queries = queries.into_iter().map(|(query, grades)| {
            RetrievalExample::Query(JudgedQuery {
                query,
                grades,
                negatives: vec![],
            })
        });
        let file = file.unwrap_or_else(|| Source::file("".as_ref()).file);
        Self::new(&file, articles.chain(queries).collect())
    }

    /// Texts that are to become vectors, as queries of which nothing is known.
    pub fn of_texts(texts: TextDataset) -> Self {
        let file = texts.examples()[0].source.file.clone();
        let query = |(number, example): (usize, TextExample)| {
            RetrievalExample::Query(JudgedQuery {
                query: Query {
                    id: (number + 1).to_string(),
                    text: example.text,
                    source: example.source,
                },
                grades: vec![],
                negatives: vec![],
            })
        };
        let queries = texts.into_vec().into_iter().enumerate().map(query).collect();
        Self::new(&file, queries).expect("there was a text")
    }

    /// The number of articles.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub fn articles(&self) -> Result<usize, DataError> {
        let mut articles = 0;
        self.try_for_each(|example| {
            articles += usize::from(matches!(example, RetrievalExample::Article(_)));
            Ok::<(), DataError>(())
        })?;
        Ok(articles)
    }

    /// Divides the queries as [`hold_out`](Examples::hold_out) divides examples; the collection is that of both parts. Queries
    /// that have their first relevant article in common stay together.
    ///
    /// # Errors
    /// As [`hold_out`](Examples::hold_out).
    pub fn hold_out_queries(self, share: f64) -> Result<(Self, Self), DataError> {
        let is_query = |example: &RetrievalExample| matches!(example, RetrievalExample::Query(_));
        let (_, dev) = self.clone().filter(is_query)?.hold_out(share)?;
        let mut held = HashSet::new();
        dev.try_for_each(|example| {
            if let RetrievalExample::Query(judged) = example {
                held.insert(judged.query.id.clone());
            }
            Ok::<(), DataError>(())
        })?;
        let part = |wanted: bool| {
            self.clone().filter(|example| match example {
                RetrievalExample::Article(_) => true,
                RetrievalExample::Query(judged) => held.contains(&judged.query.id) == wanted,
            })
        };
        let evaluation = dev.notes().iter().cloned().fold(part(true)?, Examples::with_note);
        Ok((part(false)?, evaluation))
    }
}

impl Example for RetrievalExample {
    fn source(&self) -> &Source {
        match self {
            Self::Article(article) => &article.source,
            Self::Query(judged) => &judged.query.source,
        }
    }

    fn groups(&self) -> Vec<Group<'_>> {
        match self {
            Self::Article(_) => vec![],
            Self::Query(judged) => judged.relevant().min().map(Group::Document).into_iter().collect(),
        }
    }
}

#[cfg(feature = "files")]
impl Storable for RetrievalExample {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        match self {
            // Only an article has no second part that begins with a digit, a comma or a semicolon.
            Self::Article(article) => [
                Some(Cow::Owned(format!("a{}", article.id))),
                article.title.as_deref().map(Cow::Borrowed),
                Some(Cow::Borrowed(&article.text)),
            ],
            Self::Query(JudgedQuery {
                query,
                grades,
                negatives,
            }) => {
                let grades = grades.iter().map(|(article, grade)| format!("{article} {grade}"));
                let negatives = negatives.iter().map(u32::to_string);
                let numbers = [grades.collect::<Vec<_>>(), negatives.collect()];
                let numbers = numbers.map(|numbers| numbers.join(",")).join(";");
                [
                    Some(Cow::Owned(format!("q{}", query.id))),
                    Some(Cow::Owned(numbers)),
                    Some(Cow::Borrowed(&query.text)),
                ]
            }
        }
    }

    fn from_parts([id, second, text]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        let (id, text) = (id.unwrap_or_default(), text.unwrap_or_default().to_owned());
        let Some(id) = id.strip_prefix('q') else {
            return Self::Article(Article {
                id: id.strip_prefix('a').unwrap_or(id).to_owned(),
                title: second.map(str::to_owned),
                text,
                source,
            });
        };
        let (grades, negatives) = second.unwrap_or_default().split_once(';').unwrap_or_default();
        let grade = |pair: &str| {
            let (article, grade) = pair.split_once(' ')?;
            Some((article.parse().ok()?, grade.parse().ok()?))
        };
        Self::Query(JudgedQuery {
            query: Query {
                id: id.to_owned(),
                text,
                source,
            },
            grades: grades.split(',').filter_map(grade).collect(),
            negatives: negatives
                .split(',')
                .filter_map(|article| article.parse().ok())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source::file("a".as_ref())
    }

    fn article(id: &str) -> Article {
        Article {
            id: id.into(),
            title: (id == "2").then(|| "1 2,3;4".into()),
            text: format!("text {id}"),
            source: source(),
        }
    }

    fn query(id: String, relevant: u32) -> JudgedQuery {
        JudgedQuery {
            query: Query {
                text: format!("query {id}"),
                id,
                source: source(),
            },
            grades: vec![(relevant, 1), (9, -2), (8, 0)],
            negatives: vec![3, 4],
        }
    }

    #[cfg(feature = "files")]
    #[test]
    fn examples_are_stored() {
        let mut bare = query("q 7".into(), 2);
        bare.negatives.clear();
        for example in [
            RetrievalExample::Article(article("q1")),
            RetrievalExample::Article(article("2")),
            RetrievalExample::Query(query("a".into(), 1)),
            RetrievalExample::Query(bare),
        ] {
            let parts = example.parts();
            let parts = [&parts[0], &parts[1], &parts[2]].map(|part| part.as_deref());
            assert_eq!(RetrievalExample::from_parts(parts, source(), None), example);
        }
    }

    #[test]
    fn queries_are_held_out_with_their_article_and_the_collection_is_kept() {
        let articles = (0..10).map(|id| RetrievalExample::Article(article(&id.to_string())));
        let queries = (0..30).map(|id| RetrievalExample::Query(query(id.to_string(), id % 10)));
        let data = RetrievalDataset::new("a".as_ref(), articles.chain(queries).collect()).unwrap();
        let (train, dev) = data.hold_out_queries(0.2).unwrap();
        let relevant = |data: &RetrievalDataset| -> Vec<u32> {
            let queries = data.examples().iter().filter_map(|example| match example {
                RetrievalExample::Article(_) => None,
                RetrievalExample::Query(judged) => judged.relevant().next(),
            });
            queries.collect()
        };
        assert_eq!((train.articles().unwrap(), dev.articles().unwrap()), (10, 10));
        let (train, dev) = (relevant(&train), relevant(&dev));
        assert_eq!((train.len(), dev.len()), (24, 6));
        assert!(dev.iter().all(|article| !train.contains(article)));
    }
}
