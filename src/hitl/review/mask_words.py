"""What vendors and their models are called, and how models speak of themselves: RE2, on folded text.

Names that are also plain words (`gemini`, `nova`, `command`, `meta`, `llama`, `grok`, `cohere`, ...) count where a
capital, a number or a neighbour says that the model is meant, or anyhow if one of the two models is called so.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOOSE = r"turbo|mini|nano|micro|opus|sonnet|haiku|instant|pro|ultra|flash|lite|instruct|omni|vision|nemo|advanced|scout|maverick"
_BOUND = (
    _LOOSE
    + r"|large|medium|small|plus|chat|preview|latest|code|coder|max|exp|thinking|air|base|next|audio|realtime|it|hf|oss|distill|saba|beta|\d+x\d+b?"
)
VERSION = (
    r"(?i:(?:(?:[ *`-]{0,3}|-?\n)v?\d+(?:\.\d+)*(?:[a-z]{1,2}\b)?)?"
    rf"(?:[-./:@](?:[a-z]?\d+(?:\.\d+)*[a-z]{{0,2}}|{_BOUND})\b| (?:{_LOOSE}|\d+b)\b){{0,8}})"
)
"""What may follow the name of a family: numbers, sizes, dates."""
JOIN = r"(?:[\s*`|-]{0,3}|[./:@])"
"""What may stand between the parts of a name."""

PLAIN_FAMILIES = (
    *("chatgpt", "gpt", "claude", "mixtral", "codestral", "ministral", "pixtral", "devstral", "mistral", "qwen", "qwq"),
    *("deepseek", "nemotron", "starcoder", "chatglm", "jamba", "wizardlm", "hunyuan", "doubao", "codellama", "dbrx"),
    *("magistral", "voxtral", "smollm", "internlm", "baichuan", "exaone", "stablelm", "openchat", "medlm"),
)  # fmt: skip
"""Families whose name means nothing else."""

FAMILIES = (
    r"(?i:text-davinci|code-davinci|davinci-00\d)",
    r"(?i:gemini[ -]?\d|gemini[ -](?:pro|ultra|flash|nano|advanced|api|app|model|exp)|google gemini|google bard|bard ai)",
    r"(?i:gemma[ -]?\d|palm[ -]?2|codellama|code llama|llama[ -]?\d|meta llama|phi-\d|grok[ -]\d|granite-\d|glm-?\d|yi-\d+b)",
    r"(?i:command[ -]r\b(?:\+| ?plus\b)?|kimi[ -]k\d|falcon-\d+b|vicuna-\d+b|ernie bot|minimax-[a-z]?\d|o\d-(?:mini|preview|pro))",
    r"(?i:nova[ -](?:micro|lite|pro|premier|sonic)\b|titan text[ -](?:lite|express|premier|embed)|amazon (?:nova|titan)|(?:microsoft|github|bing) copilot|bing chat)",
    r"(?i:(?:opus|sonnet|haiku)[ -]\d(?:\.\d)?\b|\d\.\d (?:opus|sonnet|haiku)|openai o\d)|\b4o(?:-mini)?",
    r"LLaMA|Llama|PaLM|ERNIE|Grok|\bPhi[ -]\d|Yi-\d",
)
"""Families by the way in which they are written."""

IN_CODE = (
    r"(通义千问|文心一言|智谱清言|深度求索|月之暗面)",
    r"\b(gemini)\.google\b",
    r"[a-z]((?:Claude|ChatGPT|GPT|OpenAI|Anthropic|Gemini|Mistral|DeepSeek|Qwen)\d*)(?:[A-Za-z]|\b)",
    r"\b(claude|Claude|chatgpt|ChatGPT|gpt|openai|OpenAI|anthropic|Anthropic|deepseek|DeepSeek|mistral|Mistral|GPT)(?:[A-Z][a-z]|AI\b)",
    r"\b((?i:claude|chatgpt|gpt)\d{1,3}(?i:opus|sonnet|haiku|turbo|mini|all|o)\b)",
)
"""Names run together with other words, or in a script without blanks; the group is the name."""

VENDORS = (
    r"(?i:open[ -]?ai|google deepmind|deepmind|google (?:ai|brain)|mistral[ -]?ai|meta ai|anthropic|alibaba cloud|tongyi)",
    r"(?i:moonshot ai|zhipu(?: ai)?|stability ai|ai21(?: labs)?|hugging ?face|inflection ai|perplexity ai|cohere (?:ai|inc))",
    r"(?i:(?:amazon|aws) bedrock|azure openai|vertex ai|together ai|google vertex)",
    r"xAI|x\.ai|by Cohere",
)
"""Vendors and places where models are offered."""

KEPT = {
    "gpt": r"GPT (?i:partition|disk|table|header|label|scheme|layout)|(?:MBR|UEFI)(?: and | or | to |, |/)GPT|(?i:guid partition table \()GPT"
    r"|(?i:transaminase \()GPT|(?:ALT|ALAT|GOT|AST|ASAT)(?: ?/ ?| and | or |, | \()GPT|GPT(?: ?/ ?| and | or |, | \()(?:ALT|ALAT|GOT|AST|ASAT)",
    "claude": r"(?:Jean|Marie|Pierre|Saint|St)\.?[ -]Claude|Claude (?:Monet|Debussy|Shannon|Levi|Bernard|Rains|Chabrol|Juncker|Lorrain|Cahun|McKay|Garamond|Giroux|Steele|Puel)",
    "anthropic": r"(?i:anthropic (?:principle|bias|argument|reasoning|coincidence|shadow|landscape))",
    "mistral": r"(?i:mistral winds?|the mistral (?:blows|blew|season))",
    "llama": r"(?i:llama (?:wool|farm|herd)|(?:a|the) llama\b|llamas\b)",
    "grok": r"(?i:grok (?:the|it|patterns?|filters?|expressions?|debugger|processor)\b)",
    "command": r"(?i:(?:press|hit|type|hold|shortcut) command[ -]r\b|command[ -]r (?:key|shortcut)\b)",
    "opus": r"(?i:opus \d{1,3},? no\b)",
    "haiku": r"(?i:haiku 5-7-5)",
}  # fmt: skip
"""Where a name is no model; if one of the models is called so, it is one all the same."""

AMBIGUOUS = _words(
    "amazon apple bard bedrock bloom cohere command copilot falcon gemini gemma granite grok jurassic llama luna meta microsoft"
    " aurora atlas bright echo insight lucid muse nova oracle orca palm perplexity phi pixel quick rapid sage sharp"
    " smart sol solar sonic spark swift titan together wisdom wise writer yi zephyr"
)
"""Names that are plain words: where a model is called so, they count with a capital or a number."""

COMMON = _words(
    "a agent agents ai alpha analyst answer api app assistant audio auto aws azure base bedrock-runtime beta billing bot"
    " candidate chat claims classifier cloud code coder command completion completions contract current custom customer"
    " data default deployment dev document email embed embedding endpoint engine eu eval exp experimental extractor fast"
    " finance flash fp free fraud ft global haiku helper hf high human image incident instruct int invoice it judge"
    " large latest legal light lite llm local low mail main mark max medical medium micro mini model models mock nano new next"
    " of old omni online openrouter opus order planner plus policy pre preview previous pro prod production prompt provider"
    " question realtime reasoning recorded refund release reply response review risk router sales scripted search self"
    " small sonnet sql stable staging summarizer summary support system test text the thinking ticket tool tools"
    " triage turbo tuned ultra unified us v version vision web worker workflow writer-agent xl xlarge"
)
"""Parts of model ids that say nothing by themselves."""

_ADJECTIVES = r"(?:(?:large|helpful|conversational|trained|advanced|responsible|ai|artificial intelligence|text-based|generative|virtual)[ -]){0,3}"
_THING = r"(?:language model|llm|ai|artificial intelligence|assistant|chat ?bot|model)"
_WHO = r"(?:the team at )?[A-Z][\w&-]*(?:\.\w+)*(?: [A-Z][\w&-]*(?:\.\w+)*){0,3}"
_MADE = r"(?i:made|built|developed|created|trained|designed|fine-tuned)(?i: and (?:made|built|developed|created|trained))?(?i: by )"
_MONTH = r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE = rf"(?:(?i:early|mid|late)[ -])?(?:(?:{_MONTH}|(?i:q[1-4]))(?: \d{{1,2}})?,? ?(?i:of )?)?\b(?:19|20)\d\d(?:[-/.]\d\d){{0,2}}\b"
_AN_AI = rf"(?i:(?:an?|your|just an?|only an?) {_ADJECTIVES}{_THING}(?: (?:assistant|model|language model|chat ?bot|system))?)"

SELF = (
    rf"\b(?i:as )({_AN_AI},? {_MADE}{_WHO})",
    rf"\b(?i:as )((?i:an? {_ADJECTIVES}(?:language model|llm)\b))",
    r"\b(?i:as )((?i:an? (?:ai|artificial intelligence)(?: (?:assistant|model|chat ?bot|system))?)),? I\b",
    rf"\bI(?:'|’| a)m ({_AN_AI},? {_MADE}{_WHO})",
    rf"\bI(?:'|’| a)m ((?i:(?:just |only )?an? {_ADJECTIVES}(?:language model|llm|ai (?:assistant|model|language model))\b))",
    rf"\bI(?:'|’| a)m ((?i:(?:just |only )?an? {_ADJECTIVES}ai\b))(?:$|[^\w\s-]|\n| (?i:and|so|but|that|which|who|with|without|here|created|made|built|designed|trained|not)\b)",
    r"\b(?i:als )((?i:(?:gro(?:ss|ß)es |ki-?)?sprachmodell|ki-(?:assistent|modell)|ki))\b",
    r"\b(?i:en tant que? ?'?)((?i:modele de langage(?: ia)?|qu'ia))\b",
    r"\b(?i:como )((?i:(?:um? )?modelo de (?:lenguaje|linguagem|ia)(?: de ia)?))\b",
    r"\b(?i:come )((?i:(?:un )?modello (?:linguistico|di ia)))\b",
    r"作为((?:一个|一名)?(?i:人工智能|ai)?(?:语言模型|助手))",
)
"""A model about itself; the first group is what is masked."""

_BIG = r"(?:Google|Meta|Amazon|Microsoft|Alibaba|Baidu|Tencent|Cohere|Nvidia|NVIDIA|Apple|IBM)\b"
MAKERS = (
    rf"\b(?i:language model|llm|ai|ai assistant|ai model|chat ?bot|assistant|a model)(?:,? (?i:(?:that|which) (?:is|was) ))?,? ?{_MADE}({_BIG})",
    rf"\b(?i:language model|llm|ai|ai assistant|ai model|chat ?bot|a model) (?:by|from) ({_BIG})",
    rf"\bI(?i:(?: was|'ve been|’ve been| have been| am|'m|’m)(?: an? [a-z -]{{1,40}}?)?(?: originally)? ){_MADE}({_WHO})",
    rf"\b(?i:my (?:creators?|developers?|makers?)(?: at| is| are|,) )({_WHO})",
)
"""Who made it."""

OWN_NAMES = (
    r"\b(?i:i am|i'm|i’m|my name is|call me) ([A-Z][\w.-]{0,30}(?: [\d.]+)?),? (?i:an?|the|your) (?i:[a-z-]+ ){0,3}(?i:ai|language model|llm|chat ?bot|virtual assistant)\b",
    rf"\b(?i:i am|i'm|i’m|my name is|as) (?i:just )?((?:Gemini|Bard|Nova|Copilot|Bing|Kimi|Ernie|Command|Titan|Gemma|Granite|Falcon){VERSION})\b",
)
"""What it is called."""

CUTOFFS = (
    rf"\b(?i:(?:knowledge|training|data)[ -]?(?:data )?(?:cut-?off|cut off))[^.\n\"]{{0,40}}?({_DATE})",
    rf"\b(?i:my (?:(?:last |latest |most recent )(?:knowledge |training |data )?(?:update|training|data)|knowledge|training data))[^.\n\"]{{0,60}}?({_DATE})",
    rf"\b(?i:my (?:training|data|information) (?:only )?(?:goes|extends|reaches|runs|ends|ended|stops|stopped|is (?:current|limited|only|up)|was last|cuts?))\b[^.\n\"]{{0,60}}?({_DATE})",
    rf"\b(?i:i (?:was|am|have been) (?:last )?(?:trained|updated))[^.\n\"]{{0,40}}?({_DATE})",
)
"""Until when it knows."""
