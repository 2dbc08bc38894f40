//! Companies.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["airline", "carrier", "flight operator"],
        &["carmaker", "automobile manufacturer", "car producer"],
        &["bank", "lender"],
        &["supermarket chain", "grocer", "food retailer"],
        &["brewery", "beer maker"],
        &["drugmaker", "pharmaceutical firm"],
        &["phone company", "telecoms provider"],
        &["shipping line", "cargo fleet"],
        &["newspaper", "daily", "press group"],
        &["chipmaker", "semiconductor firm"],
        &["fashion chain", "clothing retailer"],
        &["insurer", "insurance company"],
        &["builder", "construction company"],
        &["toymaker", "maker of games"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "cuts jobs",
                "lays off staff",
                "dismisses workers",
                "sheds posts",
                "fires employees",
                "lets people go",
            ],
            nouns: &[
                "job losses at {s}",
                "redundancies at {s}",
                "{s} layoffs",
                "staff dismissed by {s}",
                "job cuts at {s}",
            ],
            leads: &[
                "The {nat} {s} {firm} will cut {n} jobs, it said in {city} {time}.",
                "{firm}, a {s} based in {city}, told {n} employees {time} that they have to leave.",
            ],
            details: &[
                "Unions were shocked by the plan.",
                "Most of those affected work in offices.",
            ],
        },
        Happening {
            verbs: &[
                "hires hundreds",
                "recruits new staff",
                "is looking for workers",
                "creates jobs",
                "takes on apprentices",
            ],
            nouns: &[
                "new jobs at {s}",
                "{s} hiring",
                "vacancies at {s}",
                "{s} needs more people",
            ],
            leads: &[
                "The {nat} {s} {firm} wants to hire {n} people, it said in {city} {time}.",
                "{firm}, a {s} in {city}, began {time} to search for {n} new employees.",
            ],
            details: &[
                "Applicants need no experience.",
                "Good wages are to attract young people.",
            ],
        },
        Happening {
            verbs: &[
                "buys its rival",
                "takes over a competitor",
                "acquires another firm",
                "agrees on a merger",
            ],
            nouns: &[
                "takeover by {s}",
                "{s} merger",
                "{s} acquisition",
                "deal between {s} and competitor",
            ],
            leads: &[
                "The {nat} {s} {firm} pays {n} million euros for its largest rival, it said in {city} {time}.",
                "{firm}, a {s} in {city}, agreed {time} to buy a competitor.",
            ],
            details: &[
                "Both boards support the purchase.",
                "Regulators still have to approve it.",
            ],
        },
        Happening {
            verbs: &[
                "goes bankrupt",
                "is insolvent",
                "cannot pay its debts",
                "collapses",
                "files for protection from creditors",
            ],
            nouns: &[
                "bankruptcy of {s}",
                "insolvent {s}",
                "failure of {s}",
                "{s} out of money",
            ],
            leads: &[
                "A court in {city} declared the {s} {firm} bankrupt {time}.",
                "The {nat} {s} {firm} has no money left to pay its bills, lawyers in {city} said {time}.",
            ],
            details: &[
                "It owes its creditors {n} million euros.",
                "Customers who have paid will probably get nothing back.",
            ],
        },
        Happening {
            verbs: &[
                "opens a new site",
                "builds a headquarters",
                "expands with another branch",
                "moves into a larger plant",
            ],
            nouns: &[
                "new {s} site",
                "{s} expansion",
                "inauguration of {s} headquarters",
                "{s} opens branch",
            ],
            leads: &[
                "The {s} {firm} opened a site for {n} employees in {city} {time}.",
                "{firm}, a {nat} {s}, moved into a new building in {city} {time}.",
            ],
            details: &[
                "The construction took three years.",
                "The mayor cut a ribbon at the gate.",
            ],
        },
        Happening {
            verbs: &[
                "makes a record profit",
                "earns more than ever",
                "reports its best year",
                "doubles its earnings",
            ],
            nouns: &[
                "record profit of {s}",
                "{s} earnings soar",
                "good results for {s}",
                "how much does {s} earn",
            ],
            leads: &[
                "The {nat} {s} {firm} made a profit of {n} million euros, it reported in {city} {time}.",
                "{firm}, a {s} in {city}, presented the best figures of its history {time}.",
            ],
            details: &[
                "Shareholders receive a higher dividend.",
                "Sales grew in all regions.",
            ],
        },
        Happening {
            verbs: &[
                "makes a heavy loss",
                "slips into the red",
                "loses millions",
                "reports its worst year",
            ],
            nouns: &[
                "{s} losses",
                "{s} in the red",
                "bad results for {s}",
                "why does {s} lose money",
            ],
            leads: &[
                "The {nat} {s} {firm} made a loss of {n} million euros, it reported in {city} {time}.",
                "{firm}, a {s} in {city}, presented weak figures {time}.",
            ],
            details: &[
                "Shareholders receive no dividend.",
                "Sales shrank in all regions.",
            ],
        },
        Happening {
            verbs: &[
                "loses its boss",
                "needs a new chief executive",
                "parts with its director",
                "changes its leader",
            ],
            nouns: &[
                "{s} boss quits",
                "head of {s} resigns",
                "chief executive leaves {s}",
                "who will lead {s}",
            ],
            leads: &[
                "{person}, the head of the {nat} {s} {firm}, stepped down in {city} {time}.",
                "The director of {firm}, a {s} in {city}, gave up the post {time}.",
            ],
            details: &[
                "A successor has not been named.",
                "There had been a quarrel about strategy.",
            ],
        },
        Happening {
            verbs: &[
                "is fined",
                "must pay a penalty",
                "is punished for fixing prices",
                "is sanctioned by the regulator",
            ],
            nouns: &[
                "fine for {s}",
                "penalty for {s}",
                "{s} broke competition law",
                "{s} punished",
            ],
            leads: &[
                "The {nat} {s} {firm} has to pay a fine of {n} million euros, a judge in {city} ruled {time}.",
                "Competition authorities in {city} punished the {s} {firm} {time}.",
            ],
            details: &[
                "It had agreed on prices with others.",
                "The company wants to appeal.",
            ],
        },
        Happening {
            verbs: &[
                "is hacked",
                "suffers a data theft",
                "falls victim to a cyber attack",
                "loses passwords of clients",
            ],
            nouns: &[
                "hackers attack {s}",
                "data stolen from {s}",
                "{s} computer break-in",
                "{s} data leak",
            ],
            leads: &[
                "Hackers broke into the computers of the {nat} {s} {firm}, it admitted in {city} {time}.",
                "Unknown people copied files of {n} thousand customers from {firm}, a {s} in {city}, {time}.",
            ],
            details: &[
                "Addresses and passwords are now offered on the internet.",
                "All systems had to be switched off.",
            ],
        },
    ],
    background: &[
        "{firm} was founded {n} years ago.",
        "The company also does business in {other}.",
        "\"This was not an easy decision,\" said {witness}, a member of the board.",
        "Its shares hardly moved.",
        "Analysts had expected something of the kind.",
    ],
};
