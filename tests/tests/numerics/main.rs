//! The encoder computes what PyTorch computes, with every precision, packed or padded, and with its caches; metrics of rankings are
//! those of trec_eval.

mod bfloat16;
mod encoder;
mod packed_weights;
mod packing;
mod retrieval_metrics;
mod sparse_rows;
