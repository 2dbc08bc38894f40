//! Things that thieves like.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["paintings", "canvases", "artworks"],
        &["diamonds", "gems", "jewels"],
        &["cars", "vehicles", "automobiles"],
        &["bicycles", "bikes"],
        &["phones", "handsets", "mobiles"],
        &["cows", "cattle", "livestock"],
        &["laptops", "computers"],
        &["books", "rare volumes", "manuscripts"],
        &["statues", "sculptures", "stone figures"],
        &["watches", "timepieces", "clocks"],
        &["passports", "travel documents", "identity papers"],
        &["violins", "string instruments", "fiddles"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "are stolen",
                "disappear in a robbery",
                "are taken by thieves",
                "fall into the hands of burglars",
            ],
            nouns: &[
                "theft of {s}",
                "stolen {s}",
                "{s} robbery",
                "who took the {s}",
                "burglars take {s}",
            ],
            leads: &[
                "Thieves stole {n} {s} from a warehouse in {city} {time}.",
                "{n} {s} vanished from a locked room in {city} {time}.",
            ],
            details: &[
                "The alarm had been switched off.",
                "A camera filmed two men with masks.",
            ],
        },
        Happening {
            verbs: &[
                "are found again",
                "turn up in a cellar",
                "are discovered by chance",
                "reappear after years",
            ],
            nouns: &[
                "lost {s} found",
                "discovery of {s}",
                "missing {s} reappear",
                "where were the {s} found",
            ],
            leads: &[
                "Police in {city} found {n} {s} {time} that had been missing for years.",
                "A plumber in {city} discovered {n} {s} behind a wall {time}.",
            ],
            details: &[
                "The finder receives a reward.",
                "They were wrapped in old newspapers.",
            ],
        },
        Happening {
            verbs: &[
                "turn out to be fakes",
                "are forged",
                "are mere copies",
                "are not genuine",
            ],
            nouns: &[
                "fake {s}",
                "forged {s}",
                "counterfeit {s}",
                "how to tell false {s}",
            ],
            leads: &[
                "A dealer in {city} sold {n} {s} that are not real, a test showed {time}.",
                "Experts in {city} revealed {time} that {n} {s} are imitations.",
            ],
            details: &["Buyers had paid high prices.", "The forger worked in a garage."],
        },
        Happening {
            verbs: &[
                "are smuggled",
                "are seized by customs",
                "are hidden in a lorry",
                "are stopped at the border",
            ],
            nouns: &[
                "smuggling of {s}",
                "smuggled {s}",
                "customs seize {s}",
                "illegal {s} at the border",
            ],
            leads: &[
                "Customs officers in {city} found {n} {s} under a load of bananas {time}.",
                "A driver wanted to bring {n} {s} past the customs in {city} {time}.",
            ],
            details: &[
                "A dog had noticed the smell.",
                "The man said that he knew of nothing.",
            ],
        },
        Happening {
            verbs: &[
                "are auctioned",
                "go under the hammer",
                "fetch millions",
                "find a rich buyer",
            ],
            nouns: &[
                "auction of {s}",
                "{s} under the hammer",
                "bidders fight for {s}",
                "how much did the {s} fetch",
            ],
            leads: &[
                "An auction house in {city} sold {n} {s} for a high sum {time}.",
                "A collector offered most when {n} {s} came under the hammer in {city} {time}.",
            ],
            details: &[
                "Bids came by telephone from three continents.",
                "The money goes to an orphanage.",
            ],
        },
        Happening {
            verbs: &[
                "are given back",
                "are returned to their owners",
                "go home",
                "are restored to the heirs",
            ],
            nouns: &[
                "return of {s}",
                "{s} handed back",
                "owners get {s} back",
                "{s} restored to heirs",
            ],
            leads: &[
                "A museum in {city} gave {n} {s} back to the heirs {time}.",
                "The owners received their {n} {s} at a ceremony in {city} {time}.",
            ],
            details: &[
                "They had been taken in the war.",
                "There was applause and some tears.",
            ],
        },
        Happening {
            verbs: &[
                "burn in a warehouse",
                "are destroyed by fire",
                "go up in flames",
                "are reduced to ashes",
            ],
            nouns: &[
                "fire destroys {s}",
                "burnt {s}",
                "{s} in flames",
                "{s} lost in blaze",
            ],
            leads: &[
                "A fire in {city} destroyed {n} {s} {time}.",
                "{n} {s} burnt in a hall in {city} {time}.",
            ],
            details: &[
                "Smoke could be seen from far away.",
                "The cause was probably a cigarette.",
            ],
        },
        Happening {
            verbs: &[
                "are given to the poor",
                "are donated",
                "are handed out free",
                "become gifts",
            ],
            nouns: &["free {s}", "donated {s}", "gift of {s}", "{s} for the poor"],
            leads: &[
                "A charity in {city} gave away {n} {s} {time}.",
                "{person} gave {n} {s} to families in need in {city} {time}.",
            ],
            details: &["The queue was a kilometre long.", "More gifts are to follow."],
        },
    ],
    background: &[
        "Each of them is worth {n} thousand euros.",
        "A trace leads to {other}.",
        "\"I could hardly believe it,\" said {witness}, a witness.",
        "The police ask for information.",
        "It was the second case within a month.",
    ],
};
