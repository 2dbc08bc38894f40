//! The encoder computes what PyTorch computes, with every precision, packed or padded, and with its caches.

mod bfloat16;
mod encoder;
mod packed_weights;
mod packing;
mod sparse_rows;
