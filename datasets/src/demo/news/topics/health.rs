//! Illnesses.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["flu", "influenza"],
        &["diabetes", "high blood sugar"],
        &["cancer", "malignant tumours"],
        &["heart disease", "cardiac illness"],
        &["asthma", "breathing trouble"],
        &["migraine", "severe headache"],
        &["dementia", "memory loss"],
        &["back pain", "spine trouble"],
        &["insomnia", "sleeplessness", "lack of sleep"],
        &["hay fever", "pollen allergy"],
        &["obesity", "overweight"],
        &["myopia", "poor eyesight", "short sight"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "can be treated with a new drug",
                "has a new cure",
                "is healed with a pill",
                "meets its medicine",
            ],
            nouns: &[
                "new drug against {s}",
                "cure for {s}",
                "what helps against {s}",
                "pill for {s}",
                "medicine for {s}",
            ],
            leads: &[
                "Authorities in {city} approved a new medicine for {s} {time}.",
                "Doctors in {city} presented a pill against {s} {time}.",
            ],
            details: &[
                "In tests, {n} of a hundred patients recovered.",
                "There are hardly any side effects.",
            ],
        },
        Happening {
            verbs: &[
                "spreads",
                "becomes more frequent",
                "affects more people than before",
                "is on the increase",
            ],
            nouns: &[
                "more cases of {s}",
                "rise in {s}",
                "{s} wave",
                "growing number with {s}",
            ],
            leads: &[
                "The number of people with {s} rose by {n} percent, statisticians in {city} said {time}.",
                "Hospitals in {city} reported {time} that they see {s} more often.",
            ],
            details: &["Waiting rooms are full.", "Young adults are affected most."],
        },
        Happening {
            verbs: &[
                "becomes rarer",
                "is in decline",
                "affects fewer people",
                "nearly disappears",
            ],
            nouns: &[
                "fewer cases of {s}",
                "decline of {s}",
                "{s} less common",
                "shrinking number with {s}",
            ],
            leads: &[
                "The number of people with {s} fell by {n} percent, statisticians in {city} said {time}.",
                "Hospitals in {city} reported {time} that they hardly see {s} any more.",
            ],
            details: &[
                "Better food is thought to be the reason.",
                "Doctors speak of a success.",
            ],
        },
        Happening {
            verbs: &[
                "is caused by noise",
                "comes from loud streets",
                "is linked to traffic",
                "has to do with noisy neighbours",
            ],
            nouns: &[
                "noise as cause of {s}",
                "does traffic cause {s}",
                "link between noise and {s}",
                "{s} from loud streets",
            ],
            leads: &[
                "Noise can be a cause of {s}, according to a study from {city} {time}.",
                "Those who live on busy roads suffer more from {s}, researchers in {city} found {time}.",
            ],
            details: &[
                "They had observed {n} thousand people for years.",
                "Closed windows do not help much.",
            ],
        },
        Happening {
            verbs: &[
                "can be detected early",
                "is found with a simple test",
                "shows in a drop of blood",
                "is recognised by an app",
            ],
            nouns: &[
                "test for {s}",
                "early detection of {s}",
                "app that recognises {s}",
                "how to diagnose {s}",
            ],
            leads: &[
                "A cheap test shows within minutes who has {s}, a laboratory in {city} said {time}.",
                "Engineers in {city} presented a device {time} that recognises {s} early.",
            ],
            details: &[
                "It is right in {n} of a hundred cases.",
                "Pharmacies will sell it from next year.",
            ],
        },
        Happening {
            verbs: &[
                "gets a clinic of its own",
                "has a new hospital ward",
                "is treated in a special centre",
                "brings patients to a new house",
            ],
            nouns: &[
                "clinic for {s}",
                "hospital for {s} patients",
                "new centre for {s}",
                "where is {s} treated",
            ],
            leads: &[
                "A clinic only for people with {s} opened in {city} {time}.",
                "Patients with {s} can go to a new ward in {city} from {time}.",
            ],
            details: &[
                "It has {n} beds and a large garden.",
                "The waiting list is already long.",
            ],
        },
        Happening {
            verbs: &[
                "costs employers millions",
                "keeps workers at home",
                "empties offices",
                "leads to sick leave",
            ],
            nouns: &[
                "sick leave because of {s}",
                "workers absent with {s}",
                "what does {s} cost employers",
                "offices empty because of {s}",
            ],
            leads: &[
                "Employees in {city} stayed at home for {n} days each because of {s}, insurers said {time}.",
                "Firms in {city} complained {time} that {s} keeps their staff from work.",
            ],
            details: &[
                "Colleagues have to do overtime.",
                "Some bosses now pay for sports courses.",
            ],
        },
    ],
    background: &[
        "\"We have waited for this,\" said {witness}, a doctor.",
        "In {other}, the figures look different.",
        "Much about it is still unknown.",
        "Health insurers will look at the results.",
        "{witness}, a patient, was relieved.",
    ],
};
