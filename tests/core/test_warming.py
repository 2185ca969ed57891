"""What is read before the first visitor comes."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.loaders.cached import Loader
from django.urls import get_resolver
from django.utils.translation import trans_real

from deploy.places import ROOT
from deploy.preparation import TOOL_ENV
from taskforce.core.warming import warm


@pytest.mark.long
def test_nothing_is_left_to_be_read_for_the_first_visitor() -> None:
    (engine,) = engines.all()
    assert isinstance(engine, DjangoTemplates)
    (loader,) = engine.engine.template_loaders
    assert isinstance(loader, Loader)
    own = {file.relative_to(folder).as_posix() for folder in engine.dirs for file in Path(folder).rglob("*.html")}
    frozen = gc.get_freeze_count()
    loader.reset()
    assert not loader.get_template_cache
    warm()
    assert own <= set(loader.get_template_cache)
    codes = {code for code, _ in settings.LANGUAGES}
    assert codes <= set(trans_real._translations)  # type: ignore[attr-defined]  # typed without it
    assert codes <= set(get_resolver()._reverse_dict)
    assert gc.get_freeze_count() > frozen


@pytest.mark.long
def test_a_web_server_needs_no_more_than_the_settings() -> None:
    """As an operator starts it: nobody has told Django where its settings are, and no server is asked for anything."""
    done = subprocess.run(
        [sys.executable, "-c", "import taskforce.wsgi"],
        cwd=ROOT,
        env={"PATH": os.defpath, **TOOL_ENV},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
