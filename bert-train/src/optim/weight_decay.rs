//! Which parameters weight decay leaves out.

use burn::module::ParamGroup;

/// The parameters without weight decay: biases and layer normalisations (google-research/bert, `optimization.py`), by
/// the names that Burn gives them in every model.
pub fn no_decay() -> ParamGroup {
    ParamGroup::from_regex(r"(^|\.)(bias|gamma|beta)$").expect("a valid pattern")
}
