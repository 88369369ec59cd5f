import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.review.masking import Masker

OURS = ("openai/gpt-4o-2024-05-13", "anthropic/claude-3-5-sonnet-20241022", "acmelm-7b")
MASKER, KNOWN = Masker(OURS), Masker()


def masked(text: str) -> str:
    return MASKER.mask(text).text


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-4o-2024-05-13", "gpt-4o", "gpt 4o", "GPT4o", "Gpt_4O", "gpt", "G.P.T. 4", "GPT-\n4o", "GPT**-4o"),
        *("ＧＰＴ－４ｏ", "\u0421laude", "Cl\u0430ude 3.5 Sonnet", "G\u200bP\u00adT-4o", "GPT–4o", "G\u2060PT\u20114o"),
        *("claude-3-5-sonnet-20241022", "Claude", "CLAUDE 3.5 Sonnet", "c l a u d e", "𝐂𝐥𝐚𝐮𝐝𝐞", "Cláude", "ᴄʟᴀᴜᴅᴇ"),
        *("acmelm-7b", "AcmeLM", "ACMELM 7B"),
        *("ChatGPT", "GPT-5", "Llama 3.1 70B", "Mixtral", "Qwen2.5-72B", "DeepSeek-R1", "Gemini 1.5 Pro", "Command R+"),
        *("Nova Lite", "Grok-2", "o3-mini", "Sonnet 4", "Microsoft Copilot", "LLaMA", "Phi-3", "text-davinci-003"),
    ],
)  # fmt: skip
def test_a_model_is_masked_however_its_name_is_written(name: str) -> None:
    assert masked(f"This is what {name}, says") == "This is what [model], says"


@pytest.mark.parametrize(
    "name",
    ["OpenAI", "open ai", "ANTHROPIC", "Google DeepMind", "xAI", "Meta AI", "Mistral AI", "Azure OpenAI", "AWS Bedrock", "\u041epenAI"],
)  # fmt: skip
def test_a_vendor_is_masked(name: str) -> None:
    assert masked(f"Ask {name} for it") == "Ask [vendor] for it"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("As an AI language model developed by OpenAI, I cannot.", "As [self-reference], I cannot."),
        ("as a large language model trained by Google, sorry", "as [self-reference], sorry"),
        ("As an AI, I have no pager.", "As [self-reference], I have no pager."),
        ("I am Claude.", "I am [model]."),
        ("I'm Gemini 2.", "I'm [model]."),
        ("I'm an AI assistant created by Foo Labs.", "I'm [self-reference]."),
        ("I'm Zogbert, a helpful AI", "I'm [model], a helpful AI"),
        ("I was trained by Zorg Industries.", "I was trained by [vendor]."),
        ("My knowledge cutoff is September 2021.", "My knowledge cutoff is [date]."),
        ("As of my last update in January 2022, no.", "As of my last update in [date], no."),
        ("my training data goes up to 2021-09", "my training data goes up to [date]"),
        ("Als KI-Sprachmodell kann ich das nicht.", "Als [self-reference] kann ich das nicht."),
        ("En tant que modèle de langage, je", "En tant que [self-reference], je"),
        ("作为一个人工智能语言模型，我不能", "作为[self-reference]，我不能"),
    ],
)  # fmt: skip
def test_what_a_model_says_of_itself_is_masked_and_the_sentence_stays_readable(
    said: str, shown: str
) -> None:
    assert KNOWN.mask(said).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "The gemini twins read the command line while a nova exploded; meta data cohere.",
        "A llama grazes. We grok the mistake in the model, the latest provider and the chat.",
        "Claude Monet and Jean-Claude met Claude Shannon.",
        "Convert the disk from MBR to GPT; the GPT partition is fine.",
        "The anthropic principle; a philanthropic foundation; misanthropic.",
        "bedrock, copilot seat, falcon, titan, phi, palm trees, opus magnum, a haiku and a sonnet",
        "On 2024-05-14 at 06:13 the o3 level was 4 of 7; port 8080; v2.1; 4 October",
        "I was trained by experts. I am Sorry to say. My name is Anna and I work in support.",
        "The team asked the vendor about openness, opened air, and rope nails.",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert KNOWN.mask(text).text == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("done<|im_end|>", "done[marker]"),
        ("[INST] hi [/INST]", "[marker] hi [marker]"),
        ("<think>hm</think>ok", "[marker]hm[marker]ok"),
        ("<｜end▁of▁sentence｜>", "[marker]"),
        ("see 【4:0†source】", "see [marker]"),
        ("fingerprint fp_44709d6fcb", "fingerprint [id]"),
        ('"id": "call_O8vNsXkQ2jGqV7Jp0bMqRj5T"', '"id": "[id]"'),
        ("toolu_01A09q90qw90lq917835lq9, toolu_01", "[id], [id]"),
        ("chatcmpl-9abcDEF123", "[id]"),
    ],
)
def test_what_the_machinery_of_a_provider_leaves_is_masked(said: str, shown: str) -> None:
    assert KNOWN.mask(said).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "call_center, call_back_requested, thread_count, run_date, msg_1, <b>x</b>, a <| b |> c, fp_rate",
        "I am an AI researcher.",
        "My data shows revenue in 2021, and my training in 2021 at Harvard helped.",
        "ALT/GPT is 40 U/L; glutamate pyruvate transaminase (GPT)",
        "Opus 27 No. 2; Sonnet 18; a haiku is 5-7-5; two llamas; Grok patterns; press Command-R",
    ],
)
def test_words_of_ordinary_work_stay(text: str) -> None:
    assert KNOWN.mask(text).text == text


@pytest.mark.parametrize(
    "name", ["Qwen/Qwen2.5-7B-Instruct", "deepseek-ai/DeepSeek-V3", "command-light", "llama-4-maverick", "anthropic.claude-v2:1", "dall-e-3"]
)  # fmt: skip
def test_a_declared_name_of_many_parts_is_one_placeholder(name: str) -> None:
    assert Masker([name]).mask(f"by {name} here").text == "by [model] here"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("claude3opus and gpt4all", "[model] and [model]"),
        ("@AnthropicAI", "@[model]AI"),
        (
            "我是通义千问。 https://gemini.google.com/app",
            "我是[model]。 https://[model].google.com/app",
        ),
        ("Mixtral-8x22b, Llama 4 Scout, gpt-oss-120b", "[model], [model], [model]"),
        ("a large language model by Google", "a large language model by [vendor]"),
        ("an AI model trained by Meta", "an AI model trained by [vendor]"),
    ],
)
def test_names_of_usual_models_leave_no_rest(said: str, shown: str) -> None:
    assert KNOWN.mask(said).text == shown


def test_words_that_no_model_owns_are_never_masked_because_a_name_holds_them() -> None:
    masker = Masker(["provider/model-v2026-05-18", "provider/latest", "support-chat-mini"])

    text = "The provider updated the model; chat with support about the latest mini release, v2."

    assert masker.mask(text).text == text


def test_the_parts_and_dates_of_a_declared_name_are_masked() -> None:
    masker = Masker(["provider/model-v2026-05-18"])

    found = masker.mask(
        "model-v2026-05-18, Model v2026.05.18, v2026-05-18; on 2026-05-18, May 18, 2026 or 18 May 2026"
    )

    assert found.text == "[model], [model], [model]; on [date], [date] or [date]"
    assert found.counts == {"date": 3, "model": 3}


def test_a_name_that_is_a_plain_word_counts_with_a_capital_where_a_model_is_called_so() -> None:
    text = "Gemini says that the gemini twins met Claude Monet."

    assert (
        Masker(["google/gemini-pro"]).mask(text).text
        == "[model] says that the gemini twins met Claude Monet."
    )
    assert (
        Masker(["claude-9"]).mask(text).text
        == "Gemini says that the gemini twins met [model] Monet."
    )


def test_names_run_together_with_other_words_are_masked() -> None:
    assert KNOWN.mask("askClaude(openaiClient); GPTs, useGPT4").text == "ask[model]([model]Client); [model], use[model]"  # fmt: skip


def test_a_customer_of_a_fine_tuned_model_is_not_masked() -> None:
    masker = Masker(["ft:gpt-4o-mini:northwind:support:9abc1def"])

    assert (
        masker.mask("Northwind pays; 9abc1def does not").text == "Northwind pays; [model] does not"
    )


def test_json_stays_json_and_escapes_hide_nothing() -> None:
    calls = json.dumps(
        {"by": "GPT-4o", "note": "one\nClaude 3 Opus", "at": [1, "Cl\u0430ude"]}, indent=2
    )
    hidden = calls.replace("GPT", r"\u0047PT")

    for text in (calls, hidden):
        assert json.loads(masked(text)) == {
            "by": "[model]",
            "note": "one\n[model]",
            "at": [1, "[model]"],
        }


def test_both_arms_get_the_same_placeholders() -> None:
    said = "I am {}, made by {}. {} again."

    assert masked(said.format("GPT-4o", "OpenAI", "gpt-4o")) == masked(
        said.format("Claude 3.5 Sonnet", "Anthropic", "claude-3-5-sonnet-20241022")
    )


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["GPT", "-4o", "Claude", " 3", ".5 ", "Sonnet", "open", "AI", "as an AI", ", I ", "made by ", "\n", "\r\n", "\\n",
                 "\u200b", "\u200d", "\u0301", "\ufe0f", "❤", "\t", " ", "[model]", "[", "]", "my training data ", "2024-05-13", "\\u0047", "G", "P", "T"]
            ),
            st.text(max_size=4),
        ),
        max_size=14,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_masking_what_is_masked_changes_nothing(pieces: list[str]) -> None:
    once = masked("".join(pieces))

    again = MASKER.mask(once)

    assert again.text == once
    assert again.counts == {}


@pytest.mark.parametrize(
    "piece", ["lorem ipsum, ", "my knowledge ", "\\n", "a\u0301\u0316", "\u200d", "\\"]
)  # fmt: skip
def test_a_megabyte_takes_time_in_proportion(piece: str) -> None:
    once = masked(piece * (1_000_000 // len(piece)))

    assert len(once) <= 1_100_000


def test_counts_are_by_kind_and_no_name_is_no_count() -> None:
    assert MASKER.mask("GPT-4o of OpenAI beats Claude").counts == {"model": 2, "vendor": 1}
    assert MASKER.mask("").counts == MASKER.mask("nothing here").counts == {}
