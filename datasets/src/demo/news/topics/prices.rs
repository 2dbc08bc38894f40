//! Goods and their prices.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["oil", "crude", "petroleum"],
        &["petrol", "gasoline", "motor fuel"],
        &["electricity", "power", "electric energy"],
        &["housing", "property", "real estate"],
        &["wheat", "grain", "cereal"],
        &["coffee", "espresso"],
        &["milk", "dairy food"],
        &["gold", "bullion"],
        &["timber", "wood", "lumber"],
        &["fish", "seafood"],
        &["beer", "lager", "ale"],
        &["meat", "beef"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "gets dearer",
                "rises in price",
                "becomes more expensive",
                "soars to a record",
                "jumps by a fifth",
                "costs more than ever",
            ],
            nouns: &[
                "why is {s} so dear",
                "{s} price increase",
                "surge in the cost of {s}",
                "higher {s} prices",
                "why is {s} more expensive",
                "{s} prices go up",
            ],
            leads: &[
                "The price of {s} rose by {n} percent in {city} {time}, traders said.",
                "Buyers in {city} paid {n} percent more for {s} {time} than a month ago.",
            ],
            details: &[
                "Supplies are short and demand is strong.",
                "Families with low incomes feel the increase most.",
            ],
        },
        Happening {
            verbs: &[
                "gets cheaper",
                "falls in price",
                "becomes affordable again",
                "plunges to a low",
                "slumps by a third",
                "costs less than last year",
            ],
            nouns: &[
                "why is {s} so cheap",
                "{s} price decline",
                "collapse in the cost of {s}",
                "lower {s} prices",
                "{s} prices go down",
                "drop in {s} prices",
            ],
            leads: &[
                "The price of {s} fell by {n} percent in {city} {time}, dealers said.",
                "Shoppers in {city} paid {n} percent less for {s} {time} than a month ago.",
            ],
            details: &[
                "Stocks are full and demand is weak.",
                "Customers will notice the difference within days.",
            ],
        },
        Happening {
            verbs: &[
                "is taxed more heavily",
                "faces a new duty",
                "is hit by a levy",
                "will carry an extra charge",
            ],
            nouns: &[
                "new tax on {s}",
                "levy on {s}",
                "higher duty on {s}",
                "government taxes {s}",
            ],
            leads: &[
                "Parliament in {city} voted {time} for an extra tax on {s}.",
                "A duty of {n} percent on {s} begins {time}, the treasury in {city} announced.",
            ],
            details: &[
                "The state expects to earn {n} million a year from it.",
                "The opposition called the charge unfair.",
            ],
        },
        Happening {
            verbs: &[
                "runs out",
                "is in short supply",
                "becomes scarce",
                "is rationed",
                "is nowhere to be had",
            ],
            nouns: &[
                "{s} shortage",
                "lack of {s}",
                "why is there no {s}",
                "where has all the {s} gone",
            ],
            leads: &[
                "Many shops in {city} had no {s} left {time}.",
                "Suppliers in {city} warned {time} that {s} will be scarce for {n} days.",
            ],
            details: &[
                "Some customers waited for hours and went home with nothing.",
                "Each buyer gets only a small amount.",
            ],
        },
        Happening {
            verbs: &[
                "may not be exported",
                "must stay in the country",
                "is banned from leaving",
                "can no longer be sold abroad",
            ],
            nouns: &[
                "export ban on {s}",
                "halt to foreign sales of {s}",
                "{s} exports stopped",
                "no {s} for other countries",
            ],
            leads: &[
                "The government in {city} stopped all exports of {s} {time}.",
                "From {time}, {nat} {s} cannot be sold to other countries, officials in {city} said.",
            ],
            details: &[
                "Ships that were being loaded had to wait in port.",
                "The ban is to last {n} weeks.",
            ],
        },
        Happening {
            verbs: &[
                "is subsidised",
                "gets state aid",
                "is paid for by the treasury",
                "becomes cheaper for the poor",
            ],
            nouns: &[
                "subsidy for {s}",
                "government help with {s} bills",
                "public money for {s}",
                "support for buyers of {s}",
            ],
            leads: &[
                "Households in {city} get {n} euros towards {s} {time}.",
                "The cabinet in {city} decided {time} to pay a part of what people spend on {s}.",
            ],
            details: &[
                "Pensioners and large families benefit first.",
                "Economists doubt that the aid reaches those who need it.",
            ],
        },
    ],
    background: &[
        "The market has been nervous for weeks.",
        "In {other}, little has changed.",
        "\"Nobody expected this,\" said {witness}, who runs a small shop.",
        "Experts do not agree on what comes next.",
        "{witness}, an economist, spoke of a difficult year for trade.",
    ],
};
