//! Fused operations in Burn's autodiff graph.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, AutodiffBackend, Backend};

use super::{FusedBackend, FusedOp, Pass, RunFused};

type Tracked<B> = FloatTensor<Autodiff<B>>;

impl<B: FusedBackend, C: CheckpointStrategy> RunFused for Autodiff<B, C> {
    type Fused = B;

    fn primitive(x: &Tracked<B>) -> &FloatTensor<B> {
        x.primitive()
    }

    fn into_primitive(x: Tracked<B>) -> FloatTensor<B> {
        x.into_primitive()
    }

    fn is_tracked(x: &Tracked<B>) -> bool {
        x.is_tracked()
    }

    fn lift(x: FloatTensor<B>) -> Tracked<B> {
        Self::from_inner(x)
    }

    fn ids(ids: &IntTensor<Self>) -> &IntTensor<B> {
        ids
    }

    fn run<Op: FusedOp<B, N>, const N: usize>(
        inputs: [Tracked<B>; N],
        arguments: Op::Arguments,
    ) -> Tracked<B> {
        let nodes = inputs.each_ref().map(Tracked::<B>::node);
        let inputs = inputs.map(Tracked::<B>::into_primitive);
        let (output, saved) = Op::forward(inputs, arguments, Pass::Training);
        let step = Recorded::<Op>(PhantomData).prepare::<C>(nodes);
        match step.compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(saved.expect("training saves"), output),
            OpsKind::UnTracked(step) => step.finish(output),
        }
    }
}

/// An operation in the graph.
struct Recorded<Op>(PhantomData<Op>);

impl<Op> Debug for Recorded<Op> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<Op>())
    }
}

impl<B: Backend, Op: FusedOp<B, N>, const N: usize> Backward<B, N> for Recorded<Op> {
    type State = Op::Saved;

    fn backward(self, ops: Ops<Op::Saved, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let needed = ops.parents.each_ref().map(Option::is_some);
        let gradients = Op::backward(ops.state, gradient, needed);
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<B>(parent.id, gradient);
            }
        }
    }
}
