"""What CloudFormation does with a template's Transform section: the macro, SAM's own translator and AWS's loops."""

import copy
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from samtranslator.translator.arn_generator import ArnGenerator
from samtranslator.translator.transform import transform as translate

from corpus import Case
from reading import untagged
from samstream.options import Options, OptionsError
from samstream.transform import Result, Stack, transform
from samstream_cli.language_extensions import NAME as LANGUAGE_EXTENSIONS
from samstream_cli.language_extensions import expand_loops

Template = dict[str, Any]

SAM = "AWS::Serverless-2016-10-31"
MACRO = "SamStream"
ACCOUNT = "123456789012"

logging.getLogger("samtranslator").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Deployment:
    """A template on its way: what each transform made of it, in order, and why the last one refused."""

    steps: list[tuple[str, Template]]
    results: list[Result] = field(default_factory=list)
    refused: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def template(self) -> Template:
        assert self.refused is None, self.refused
        return self.steps[-1][1]

    def after(self, name: str) -> Template:
        """What the transform of this name made, the last time it ran."""
        return next(template for step, template in reversed(self.steps) if step == name)


class _NoPolicies:
    def load(self) -> dict[str, str]:
        return {}


def sam(template: Template, parameters: Mapping[str, Any], region: str = "eu-west-1") -> Template:
    """What SAM makes of a template. Each is translated once a test process, for it takes its time."""
    made: Template = json.loads(_translated(json.dumps(template), json.dumps(dict(parameters)), region))
    return made


@lru_cache(maxsize=2000)
def _translated(template: str, parameters: str, region: str) -> str:
    os.environ["AWS_DEFAULT_REGION"] = ArnGenerator.BOTO_SESSION_REGION_NAME = region  # asked in both ways
    made = translate(json.loads(template), json.loads(parameters), _NoPolicies())
    return json.dumps(made)


def macro(
    template: Template,
    parameters: Mapping[str, Any] | None = None,
    region: str = "eu-west-1",
    settings: Mapping[str, Any] | None = None,
) -> Result:
    """The macro alone, once. `settings` are the Parameters of its Transform entry."""
    stack = Stack(region, ACCOUNT, dict(parameters or {}))
    return transform(template, Options.load(dict(settings or {}), {}), stack)


def deploy(template: Template, parameters: Mapping[str, Any], region: str = "eu-west-1") -> Deployment:
    """Runs the Transform entries in their order, as CloudFormation does."""
    values = {**defaults(template), **parameters}
    entries = template.get("Transform", [])
    fragment = {name: value for name, value in template.items() if name != "Transform"}
    done = Deployment([("", fragment)])
    for entry in entries if isinstance(entries, list) else [entries]:
        name, settings = (entry, {}) if isinstance(entry, str) else (entry["Name"], entry.get("Parameters", {}))
        current = copy.deepcopy(done.steps[-1][1])
        if name == MACRO:
            try:
                result = macro(current, values, region, settings)
            except OptionsError as error:
                rules = tuple(finding.rule for finding in error.findings)
                return Deployment(done.steps, done.results, str(error), rules)
            done.results.append(result)
            if result.failed:
                rules = tuple(finding.rule for finding in result.findings)
                return Deployment(done.steps, done.results, result.message, rules)
            current = result.template
        elif name == SAM:
            current = sam(current, values, region)
        else:
            assert name == LANGUAGE_EXTENSIONS
            current = expand_loops(current, values)
        done.steps.append((name, current))
    return done


@cache
def deploy_case(case: Case) -> Deployment:
    return deploy(case.template(), case.parameters, case.region)


@cache
def baseline(case: Case) -> Template:
    """What would be deployed if nobody had written a tag."""
    plain = untagged(case.template())
    return sam_alone(case, plain) if case.kind == "sam" else plain


def sam_alone(case: Case, template: Template) -> Template:
    """What becomes of a template if SAM is the only transform."""
    values = {**defaults(template), **case.parameters}
    fragment = {name: value for name, value in template.items() if name != "Transform"}
    return sam(expand_loops(fragment, values), values, case.region)


def all_parameters(case: Case) -> dict[str, Any]:
    """What CloudFormation sends a macro: every parameter with its value or its default."""
    return {**defaults(case.template()), **case.parameters}


def defaults(template: Template) -> dict[str, Any]:
    declared = {name: spec for name, spec in template.get("Parameters", {}).items() if "Default" in spec}
    return {
        name: str(spec["Default"]).split(",") if spec["Type"] == "CommaDelimitedList" else str(spec["Default"])
        for name, spec in declared.items()
    }
