"""Try a policy's examples under that policy, as if no lead waited; nothing is written."""

from collections.abc import Sequence

from service.explaining.sentences import LanguageName
from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.examples import Miss, refuses, run_examples
from service.policies.reading import read_policy
from service.policies.text_document import ExamplesPolicy
from service.policies.yaml_text import read_yaml
from service.resources import Resources

REMEDY = "Mend the words or the example, or send `examples_policy: warn`."


async def try_examples(resources: Resources, text: str, language: LanguageName) -> Sequence[Miss]:
    """Return the examples of a policy that give another result than they expect.

    Raises InvalidRequest with every mistake of the policy. Raises it with the failed examples too
    where the policy says `examples_policy: refuse`.
    """
    misses, is_refused = await resources.heavy_work.run(_try, text, language)
    if misses and is_refused:
        raise InvalidRequest([FieldMistake(miss.field, miss.reason, REMEDY) for miss in misses])
    return misses


async def examples_of_candidate(
    resources: Resources, text: str, language: LanguageName
) -> Sequence[Miss]:
    """The same for a candidate, which is never refused for its examples."""
    misses, _ = await resources.heavy_work.run(_try, text, language)
    return misses


def _try(text: str, language: LanguageName) -> tuple[Sequence[Miss], bool]:
    policy, spec = read_policy(text), read_yaml(text)
    return run_examples(policy, spec, language), refuses(spec, ExamplesPolicy.WARN)
