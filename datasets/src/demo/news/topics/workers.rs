//! Professions.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["nurses", "hospital carers"],
        &["teachers", "educators", "school staff"],
        &["farmers", "growers", "agricultural producers"],
        &["taxi drivers", "cabbies", "chauffeurs"],
        &["fishermen", "trawler crews"],
        &["miners", "pit workers"],
        &["postmen", "mail carriers"],
        &["doctors", "physicians", "medics"],
        &["bakers", "makers of bread"],
        &["firefighters", "fire crews"],
        &["lawyers", "attorneys", "solicitors"],
        &["actors", "film stars", "performers"],
        &["cleaners", "janitors"],
        &["students", "undergraduates"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "go on strike",
                "walk out",
                "stop work",
                "down tools",
                "take industrial action",
            ],
            nouns: &[
                "strike of {s}",
                "walkout by {s}",
                "why do {s} not work",
                "industrial action by {s}",
            ],
            leads: &[
                "{n} thousand {s} in {city} went on strike {time}.",
                "The {s} of {city} stopped work {time}.",
            ],
            details: &[
                "They want the same wages as elsewhere.",
                "The union says that the action will last a week.",
            ],
        },
        Happening {
            verbs: &[
                "demonstrate",
                "protest in the streets",
                "march to parliament",
                "hold a rally",
            ],
            nouns: &[
                "protest of {s}",
                "demonstration by {s}",
                "rally of {s}",
                "why do {s} march",
            ],
            leads: &[
                "{n} thousand {s} marched through {city} {time}.",
                "Angry {s} gathered in front of parliament in {city} {time}.",
            ],
            details: &["They carried banners and drums.", "The march ended peacefully."],
        },
        Happening {
            verbs: &[
                "get higher wages",
                "receive a pay rise",
                "earn more",
                "win a better contract",
            ],
            nouns: &[
                "pay rise for {s}",
                "higher wages for {s}",
                "how much do {s} earn",
                "more money for {s}",
            ],
            leads: &[
                "The wages of {s} in {city} rise by {n} percent {time}.",
                "Employers in {city} agreed {time} to pay {s} better.",
            ],
            details: &[
                "The talks had lasted all night.",
                "Both sides were tired but content.",
            ],
        },
        Happening {
            verbs: &[
                "are in short supply",
                "are urgently needed",
                "are too few",
                "cannot be found",
            ],
            nouns: &["shortage of {s}", "lack of {s}", "too few {s}", "{s} wanted"],
            leads: &[
                "There are {n} thousand {s} too few in {city}, a report said {time}.",
                "Employers in {city} complained {time} that they can hardly find {s}.",
            ],
            details: &["Many will retire soon.", "Young people prefer other jobs."],
        },
        Happening {
            verbs: &[
                "are honoured",
                "receive a medal",
                "win an award",
                "are praised for courage",
            ],
            nouns: &[
                "award for {s}",
                "medal for {s}",
                "{s} honoured for courage",
                "prize goes to {s}",
            ],
            leads: &[
                "{n} {s} received a medal in {city} {time}.",
                "For their courage, {s} were honoured at a ceremony in {city} {time}.",
            ],
            details: &[
                "They had saved many lives.",
                "There was music, and long speeches.",
            ],
        },
        Happening {
            verbs: &[
                "work fewer hours",
                "get a shorter week",
                "have Fridays off",
                "try four days of work",
            ],
            nouns: &[
                "shorter week for {s}",
                "fewer hours for {s}",
                "four day week of {s}",
                "more free time for {s}",
            ],
            leads: &[
                "The working week of {s} in {city} has thirty hours from {time}.",
                "As a trial, {s} in {city} have one more day off a week from {time}.",
            ],
            details: &[
                "Their pay remains the same.",
                "Economists will study the results.",
            ],
        },
        Happening {
            verbs: &[
                "are cheated",
                "fall for a swindler",
                "lose their savings",
                "are tricked out of money",
            ],
            nouns: &[
                "swindler cheats {s}",
                "{s} tricked",
                "savings of {s} gone",
                "fraud against {s}",
            ],
            leads: &[
                "A swindler took {n} thousand euros from {s} in {city}, police said {time}.",
                "Many {s} in {city} learnt {time} that their savings are gone.",
            ],
            details: &["He had promised high interest.", "The man has left the country."],
        },
        Happening {
            verbs: &[
                "may retire earlier",
                "get better pensions",
                "can stop work at sixty",
                "look forward to old age",
            ],
            nouns: &[
                "pensions of {s}",
                "early retirement for {s}",
                "when do {s} retire",
                "old age of {s}",
            ],
            leads: &[
                "The pension of {s} rises by {n} percent, the ministry in {city} said {time}.",
                "Parliament in {city} decided {time} that {s} can retire earlier.",
            ],
            details: &[
                "Their work is hard, a minister said.",
                "Others now demand the same.",
            ],
        },
    ],
    background: &[
        "\"It was time,\" said {witness}, who speaks for them.",
        "In {other}, there was a similar case.",
        "Most people in the city show understanding.",
        "The profession has changed much in {n} years.",
        "Many of them come from abroad.",
    ],
};
