//! The list of tasks.

use std::ops::ControlFlow;

use crate::classification::SequenceClassification;
use crate::question_answering::QuestionAnswering;
use crate::regression::SequenceRegression;
use crate::tagging::TokenTagging;
use crate::task::Task;

/// What is done with each task in turn.
pub trait TaskVisitor {
    /// What comes of it.
    type Output;

    /// Looks at one task; `Break` ends the round.
    fn visit<K: Task>(&mut self) -> ControlFlow<Self::Output>;
}

/// Goes through all tasks, those of whole texts first, until the visitor breaks.
///
/// A new task is added to the list here, and is then known to every command.
pub fn visit_tasks<V: TaskVisitor>(visitor: &mut V) -> Option<V::Output> {
    let mut round = || {
        visitor.visit::<SequenceClassification>()?;
        visitor.visit::<SequenceRegression>()?;
        visitor.visit::<TokenTagging>()?;
        visitor.visit::<QuestionAnswering>()
    };
    match round() {
        ControlFlow::Break(output) => Some(output),
        ControlFlow::Continue(()) => None,
    }
}
