//! The head of a fine-tuned model from which another training starts.

use bert_core::{BertConfig, Checkpoint};
use bert_tasks::Task;
use bert_tasks::heads::output_layers;
use datasets::Message;

/// Keeps the head in `weights` if the task and the labels are the same, and reorders it if their order differs. Otherwise removes
/// it, so that training starts with a random one. `old` configures the weights, `new` the training. Returns a note about what
/// changed.
pub(super) fn adapt_head<K: Task>(
    weights: &mut Checkpoint,
    old: &BertConfig,
    new: &BertConfig,
) -> Option<Message> {
    let layers = output_layers(old, weights);
    if layers.is_empty() {
        return None;
    }
    let reason = match comparison::<K>(weights, old, new) {
        Comparison::Same => return None,
        Comparison::Reordered(order) => {
            for tensor in &layers {
                weights.reorder_rows(tensor, &order);
            }
            return Some("the model has the same labels in another order; its head was reordered".into());
        }
        Comparison::Different(reason) => reason,
    };
    for tensor in &layers {
        weights.remove(tensor);
    }
    Some(Message::new("training a new head: ").message(reason))
}

/// How the head of a model compares with the head that a training needs.
enum Comparison {
    Same,
    /// The number in the model of each label of the training.
    Reordered(Vec<usize>),
    /// Why the head cannot be used.
    Different(Message),
}

fn comparison<K: Task>(weights: &Checkpoint, old: &BertConfig, new: &BertConfig) -> Comparison {
    let class = old.architectures.iter().flatten().next();
    let is_ours = |class: &str| {
        K::HEADS
            .iter()
            .any(|head| class == old.architecture().class(head))
    };
    if let Some(class) = class.filter(|class| !is_ours(class)) {
        return Comparison::Different(format!("the model's head belongs to a {class}").into());
    }
    if let Err(reason) = K::from_model(old, weights, None, &K::Options::default()) {
        return Comparison::Different(reason);
    }
    let labels = |config: &BertConfig| config.labels().ok().flatten();
    let (had, wanted) = match (labels(old), labels(new)) {
        (_, Some(wanted)) if wanted.len() == 1 => return Comparison::Same,
        (_, None) => return Comparison::Same,
        (had, Some(wanted)) => (had.unwrap_or_default(), wanted),
    };
    if had == wanted {
        return Comparison::Same;
    }
    let order: Option<Vec<usize>> = wanted
        .iter()
        .map(|label| had.iter().position(|other| other == label))
        .collect();
    match order.filter(|_| had.len() == wanted.len()) {
        Some(order) => Comparison::Reordered(order),
        None => {
            let reason = format!(
                "the labels of the model's head are {}, not {}",
                shown(&had),
                shown(&wanted)
            );
            Comparison::Different(reason.into())
        }
    }
}

/// The first of the labels.
fn shown(labels: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if labels.len() > SHOWN { ", …" } else { "" };
    match labels {
        [] => "not named".into(),
        labels => labels[..labels.len().min(SHOWN)].join(", ") + more,
    }
}
