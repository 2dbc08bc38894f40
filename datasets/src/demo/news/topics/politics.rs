//! Politicians and officials.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["prime minister", "premier", "head of government"],
        &["finance minister", "treasury chief"],
        &["foreign minister", "top diplomat"],
        &["health minister", "medical secretary"],
        &["defence minister", "military secretary"],
        &["education minister", "schools secretary"],
        &["mayor", "city leader"],
        &[
            "opposition leader",
            "head of the largest party outside government",
        ],
        &["central bank governor", "guardian of the currency"],
        &["ambassador", "envoy"],
        &["chief prosecutor", "attorney general"],
        &["chief of police", "senior officer"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "resigns",
                "steps down",
                "quits",
                "leaves office",
                "gives up the post",
            ],
            nouns: &[
                "resignation of {s}",
                "why did {s} step down",
                "{s} gone",
                "departure of {s}",
            ],
            leads: &[
                "The {nat} {s} {person} resigned {time}.",
                "{person} is no longer {s}: the resignation was announced in {city} {time}.",
            ],
            details: &[
                "Family matters were given as the reason.",
                "A successor is to be named within {n} days.",
            ],
        },
        Happening {
            verbs: &[
                "falls ill",
                "is taken to hospital",
                "needs an operation",
                "cancels meetings for health reasons",
            ],
            nouns: &[
                "illness of {s}",
                "{s} in hospital",
                "how ill is {s}",
                "surgery for {s}",
            ],
            leads: &[
                "The {nat} {s} {person} was brought to a clinic in {city} {time}.",
                "{person}, the {nat} {s}, collapsed at a dinner in {city} {time}.",
            ],
            details: &[
                "Doctors speak of a weak heart.",
                "A recovery will take about {n} weeks.",
            ],
        },
        Happening {
            verbs: &[
                "is accused of corruption",
                "took bribes",
                "faces a bribery trial",
                "is charged with fraud",
            ],
            nouns: &[
                "corruption of {s}",
                "bribery case against {s}",
                "{s} bribed",
                "fraud charges against {s}",
            ],
            leads: &[
                "The {nat} {s} {person} is said to have taken {n} thousand euros from a builder, a court in {city} heard {time}.",
                "Investigators searched the home of the {s} {person} in {city} {time} for illegal payments.",
            ],
            details: &[
                "They found cash in a freezer.",
                "Lawyers denied that a gift had been accepted.",
            ],
        },
        Happening {
            verbs: &[
                "publishes memoirs",
                "writes a book",
                "presents an autobiography",
                "becomes an author",
            ],
            nouns: &[
                "memoirs of {s}",
                "book by {s}",
                "autobiography of {s}",
                "{s} life story in print",
            ],
            leads: &[
                "The {nat} {s} {person} presented the story of a long life in {city} {time}.",
                "A book of {n} pages by {person}, the {nat} {s}, reached the shops of {city} {time}.",
            ],
            details: &[
                "Reviewers found it dull.",
                "The chapter about childhood is said to be the best.",
            ],
        },
        Happening {
            verbs: &[
                "apologises",
                "says sorry",
                "regrets an insult",
                "asks for forgiveness",
            ],
            nouns: &[
                "apology of {s}",
                "{s} sorry for remark",
                "{s} regrets words",
                "insult by {s}",
            ],
            leads: &[
                "The {nat} {s} {person} apologised {time} for a remark about farmers.",
                "{person}, the {nat} {s}, told reporters in {city} {time} that a joke had been a mistake.",
            ],
            details: &[
                "The words had angered many.",
                "The video was watched {n} million times.",
            ],
        },
        Happening {
            verbs: &[
                "is sacked",
                "is dismissed",
                "loses the post",
                "is replaced against their will",
            ],
            nouns: &[
                "dismissal of {s}",
                "{s} fired",
                "who replaces {s}",
                "why was {s} sacked",
            ],
            leads: &[
                "Parliament in {city} removed the {s} {person} from office {time}.",
                "The {nat} {s} {person} was dismissed in {city} {time}.",
            ],
            details: &[
                "The decision came after a long dispute.",
                "{n} members voted for it.",
            ],
        },
        Happening {
            verbs: &[
                "promises more money for schools",
                "wants to spend on education",
                "pledges cash for classrooms",
                "calls for better teaching",
            ],
            nouns: &[
                "{s} plans school spending",
                "classroom money promised by {s}",
                "{s} education pledge",
                "what does {s} want for pupils",
            ],
            leads: &[
                "The {nat} {s} {person} promised {time} that schools would get {n} million euros more.",
                "Every child should have a computer, the {s} {person} said in {city} {time}.",
            ],
            details: &[
                "Teachers welcomed the words.",
                "It is unclear where the money would come from.",
            ],
        },
        Happening {
            verbs: &[
                "signs a treaty",
                "agrees on a pact",
                "seals an accord with neighbours",
                "puts name to a trade deal",
            ],
            nouns: &[
                "treaty signed by {s}",
                "pact of {s} with neighbours",
                "{s} trade agreement",
                "accord reached by {s}",
            ],
            leads: &[
                "The {nat} {s} {person} signed a treaty about borders in {city} {time}.",
                "After long talks, the {s} {person} reached an agreement with other states in {city} {time}.",
            ],
            details: &["It comes into force next year.", "Both sides spoke of a success."],
        },
        Happening {
            verbs: &[
                "gets married",
                "weds",
                "celebrates a wedding",
                "marries a childhood friend",
            ],
            nouns: &[
                "wedding of {s}",
                "marriage of {s}",
                "who does {s} marry",
                "bride and groom {s}",
            ],
            leads: &[
                "The {nat} {s} {person} married an old school friend in {city} {time}.",
                "{person}, the {nat} {s}, exchanged rings with a partner of {n} years in {city} {time}.",
            ],
            details: &[
                "Only close relatives were invited.",
                "The couple thanked all for flowers.",
            ],
        },
    ],
    background: &[
        "{person} has held the office for {n} months.",
        "Newspapers in {other} also reported on it.",
        "\"I have nothing to add,\" a spokesman said.",
        "In a survey, half of the voters did not care.",
        "The next election is a year away.",
    ],
};
