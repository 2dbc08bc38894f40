//! Notes about a run: its sizes and labels.

use bert_core::ops::{Capabilities, Precision};
use bert_core::{BertConfig, backend_name};
use burn::tensor::Device;
use datasets::{Message, counted};

/// The sizes of the data and of the model, and the device.
pub(super) fn summary([train, dev]: [(usize, usize); 2], config: &BertConfig, device: &Device) -> String {
    let sized = |(examples, rows): (usize, usize), what: &str| match rows == examples {
        true => counted(examples, &format!("{what} example")),
        false => format!(
            "{} in {}",
            counted(examples, &format!("{what} example")),
            counted(rows, "row")
        ),
    };
    format!(
        "{}, {}; {:.1} M parameters on {}",
        sized(train, "training"),
        sized(dev, "evaluation"),
        config.parameters() as f64 / 1e6,
        backend_name(device),
    )
}

/// The labels. A wrong one, from a header or a broken line, is visible here.
pub(super) fn labels(config: &BertConfig) -> Option<String> {
    const SHOWN: usize = 20;
    let names = config.labels().ok().flatten().filter(|names| names.len() > 1)?;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    Some(format!("{} labels: {shown}{more}", names.len()))
}

/// What the new head starts at.
pub(super) fn new_head(init: &str) -> Message {
    format!("the new head {init}").into()
}

/// A note for the user if `device` does not have this precision, so that it computes in f32.
pub fn unsupported_precision(precision: Precision, device: &Device) -> Option<Message> {
    let unsupported = precision == Precision::Bf16 && !Capabilities::of(device).bf16_gemm;
    let name = || backend_name(&device.clone().inner());
    unsupported.then(|| {
        Message::default().option("precision").text(format!(
            " bf16 needs a processor that multiplies bfloat16 (AVX512-BF16); {} computes in f32 here",
            name()
        ))
    })
}
