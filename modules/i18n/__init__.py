"""Sentences in the reader's language, numbers and dates as they are written there."""

from modules.i18n.catalogue import DEFAULT_LANGUAGE, LANGUAGES, N_, Language, gettext, language, ngettext, use_language

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "N_", "Language", "gettext", "language", "ngettext", "use_language"]
