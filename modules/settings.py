"""All settings, in one typed place: `TRANQUERA_…` from the environment, then `.env` in the home.

Nonsense is refused with a sentence when the settings are loaded, not when they are first used.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettingsError

from modules.basemaps import BasemapSettings
from modules.errors import RequestError, SettingsError
from modules.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, Language
from modules.settings_refusal import refusal, unknown_setting
from modules.typed import TYPED

#: Files made of invented fields say so, whoever gets them; like their folders and columns, in Spanish.
DEMO_NAME: Final = "Datos de demostración"

#: Of the database of the composed stack, until somebody sets another.
KNOWN_PASSWORD: Final = "prefect"  # noqa: S105  (it is known, which is the trouble with it)

#: Address of a Dask scheduler: a name, an IPv4 or a bracketed IPv6 address, and a port.
_SCHEDULER: Final = re.compile(r"(?:tcp|tls)://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}")
#: Processes for the parts of a run on one machine.
_MOST_PROCESSES: Final = 64

PROJECT = Path(__file__).resolve().parent.parent

_http_url = TypeAdapter(HttpUrl)


def _web_address(text: str) -> str:
    """Keep an address as it was written, without its last slash, once it is known to be one."""
    _http_url.validate_python(text)
    return text.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


def web_address(text: str) -> str:
    """Read an address that a person wrote; raises RequestError for what is none."""
    try:
        return _web_address(text)
    except ValidationError:
        raise RequestError(N_("“{text}” is not an address. Write it like https://portal.example."), text=text) from None


#: What a portal serves, by the names of its contract.
Resource = Literal["token", "campanias", "campos", "lotes", "ambientes", "marcadores", "zonas"]


class Bounds(BaseModel):
    """A box in WGS84 degrees: west, south, east, north."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    west: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.west >= self.east or self.south >= self.north:
            raise PydanticCustomError("unordered_box", "west < east and south < north")
        return self

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return self.west, self.south, self.east, self.north


class PortalSettings(BaseModel):
    """How to reach the portal and how patient to be with it.

    Either `token` (fixed) or `client_id` and `client_secret` (a token is asked for and renewed).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: WebAddress | None = None
    #: What files that are sent call it, in place of its address.
    name: str = "Databaler"
    token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    #: Files that hold the secrets in place of the settings themselves.
    token_file: Path | None = None
    client_secret_file: Path | None = None
    auth_scheme: str = "Bearer"
    #: Route of each resource, so that another portal fits without code: `{"lotes": "/v2/parcels"}`.
    paths: dict[Resource, str] = Field(default_factory=dict)
    #: Name the portal uses for each of ours, by resource: `{"lotes": {"nombre": "parcel_name"}}`.
    names: dict[Resource, dict[str, str]] = Field(default_factory=dict)
    page_size: int = Field(default=500, ge=1, le=500)
    threads: int = Field(default=12, ge=1, le=64)
    connect_timeout_s: float = Field(default=5, gt=0, le=120)
    #: Longest silence between two pieces of an answer.
    read_timeout_s: float = Field(default=20, gt=0, le=600)
    #: Longest time for one whole answer, however steadily it drips.
    deadline_s: float = Field(default=60, gt=0, le=3600)
    #: Tries for one request, the first included.
    attempts: int = Field(default=5, ge=1, le=20)
    #: First pause after a server error; doubles each time, with jitter.
    backoff_s: float = Field(default=0.5, ge=0, le=60)
    #: Longest pause, also when the portal asks for a longer one by Retry-After.
    wait_cap_s: float = Field(default=60, gt=0, le=3600)

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        for secret in ("token", "client_secret"):
            file = said.get(f"{secret}_file")
            if file:
                try:
                    # An empty file is no secret: one list of files serves portals of either kind.
                    said = said | {secret: Path(file).read_text(encoding="utf-8").strip() or said.get(secret)}
                except (OSError, UnicodeDecodeError):
                    raise PydanticCustomError("unreadable_file", "cannot be read", {"key": str(file)}) from None
        return said

    @field_validator("names")
    @classmethod
    def _names_of_the_contract(cls, names: dict[Resource, dict[str, str]]) -> dict[Resource, dict[str, str]]:
        if names:
            from modules.sources.databaler.contract import renamable  # heavy, and seldom needed
        for resource, theirs in names.items():
            known = renamable(resource)
            for name in theirs.keys() - known:
                values = {"key": f"{resource}: {name}", "expected": ", ".join(sorted(known)) or "-"}
                raise PydanticCustomError("unknown_key", "not in the contract", values)
        return names

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.client_id is None) != (self.client_secret is None):
            raise PydanticCustomError("half_a_client", "client_id and client_secret go together")
        if self.token is not None and self.client_id is not None:
            raise PydanticCustomError("two_ways_in", "a token or a client, not both")
        return self


class Settings(BaseSettings):
    """Settings of one installation. Nested ones are written with two underscores: `TRANQUERA_PORTAL__URL`."""

    model_config = SettingsConfigDict(
        env_prefix="TRANQUERA_", env_nested_delimiter="__", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = PROJECT
    language: Language = "es"
    portal: PortalSettings = Field(default_factory=PortalSettings)
    #: Address of the portal simulator; set by the stack that serves it. It takes the place of all of `portal`, whose
    #: secrets, routes and names are a real portal's.
    demo_portal: WebAddress | None = None
    #: Share of fields or hectares a snapshot may lose against the last one before it is held back.
    shrink_limit: float = Field(default=0.2, ge=0, lt=1)
    #: Where fields are expected; unset: the last snapshot's box grown by 200 km.
    expected_area: Bounds | None = None
    #: Lets a production run read from the portal simulator. For tests only.
    allow_simulator_in_production: bool = False
    #: What the map offers below the fields.
    basemaps: BasemapSettings = Field(default_factory=BasemapSettings)
    #: A company's own folders of modules, put on the path of flows; separated as PATH is.
    module_paths: str = ""
    #: A run refuses to start with less free disk than this.
    min_free_mb: int = Field(default=500, ge=0)
    #: Who does the parts of grids and KMZ: so many processes of this machine, or the workers of a Dask scheduler, by
    #: its address (`tcp://servidor:8786`); unset: the run's own process.
    dask: int | str | None = None
    #: Memory for what the map shows: sources and finished tiles. What was used least recently goes first.
    map_memory_mb: int = Field(default=1024, ge=64)
    #: Memory for the rows that tables and legends tell of, and as much for comparisons of backups.
    rows_memory_mb: int = Field(default=256, ge=1)
    #: Memory for the KMZ that are looked at, one copy for everybody; the one looked at least recently goes first.
    preview_memory_mb: int = Field(default=256, ge=1)
    #: Disk for the files that were uploaded to be looked at, a day at most; the oldest goes first.
    preview_disk_mb: int = Field(default=500, ge=1)
    #: Names under which a proxy in front, that asks people who they are, shows the dashboard; separated by commas.
    hosts: str = ""
    #: Address of the host on which a container's port is published; set by the compose file.
    published_on: str | None = None

    @field_validator("dask", mode="before")
    @classmethod
    def _processes_or_scheduler(cls, said: Any) -> int | str | None:
        if said is None:
            return None
        text = str(said).strip()
        if text.isdecimal() and 1 <= int(text) <= _MOST_PROCESSES:
            return int(text)
        if _SCHEDULER.fullmatch(text):
            return text
        raise PydanticCustomError("processes_or_scheduler", "processes or a scheduler", {"most": _MOST_PROCESSES})

    @property
    def host_names(self) -> frozenset[str]:
        """The names of `hosts`, in small letters."""
        return frozenset(name for name in (part.strip().lower() for part in self.hosts.split(",")) if name)

    def without_secrets(self) -> Settings:
        """Give the settings without those of the portal, for work that does not need it.

        Prefect sends what a task was called with to each process that does a part of it.
        """
        return self.model_copy(update={"portal": PortalSettings()})


def load_settings(home: Path | None = None) -> Settings:
    """Load the settings of `home` (default: `TRANQUERA_HOME`, else the project's folder).

    Raises SettingsError that names the setting and what is wrong with it, without repeating its value.
    """
    chosen = _chosen(home)
    _refuse_unknown(chosen / ".env")
    try:
        return _with_demo(Settings(_env_file=chosen / ".env", home=chosen))
    except (UnreadableSettingsError, UnicodeDecodeError, OSError):
        raise SettingsError(
            N_("The settings in {file} cannot be read. Save the file as UTF-8 and check the braces of values in JSON."),
            file=str(chosen / ".env"),
        ) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise refusal(first, _known(), chosen / ".env") from None


def language_of(home: Path | None = None) -> Language:
    """Tell the language of `home`, also where its other settings make no sense: that has to be said in it, too."""
    said = _said_in(_chosen(home) / ".env") | {name.upper(): value for name, value in os.environ.items() if value}
    return next((code for code in LANGUAGES if code == said.get("TRANQUERA_LANGUAGE")), DEFAULT_LANGUAGE)


def _chosen(home: Path | None) -> Path:
    return Path(home or os.environ.get("TRANQUERA_HOME") or PROJECT).expanduser().resolve()


def _with_demo(settings: Settings) -> Settings:
    if settings.demo_portal is None:
        return settings
    from modules.sources.databaler.simulator.tokens import DEMO_CLIENT, DEMO_SECRET

    demo = PortalSettings(
        url=settings.demo_portal, name=DEMO_NAME, client_id=DEMO_CLIENT, client_secret=SecretStr(DEMO_SECRET)
    )
    return settings.model_copy(update={"portal": demo})


#: Variables of this prefix that are no settings of the program: the set-up script's, the image's and the tests'.
_OTHERS = {"TRANQUERA_PYTHON", TYPED, "TRANQUERA_REAL_DATA"}


def _refuse_unknown(env_file: Path) -> None:
    """Refuse a misspelt setting, which would be ignored in silence."""
    known = _known()
    said = {name.upper() for name in (*os.environ, *_said_in(env_file)) if name.upper().startswith("TRANQUERA_")}
    for name in sorted(said - _OTHERS):
        if "__".join(name.split("__")[:2]) not in known:  # what follows is inside a value
            raise unknown_setting(name, known, env_file)


def _known() -> set[str]:
    """Name all settings: `TRANQUERA_PORTAL` and `TRANQUERA_PORTAL__URL` alike."""
    nested: dict[str, type[BaseModel]] = {
        "portal": PortalSettings,
        "expected_area": Bounds,
        "basemaps": BasemapSettings,
    }
    names = [*Settings.model_fields, *(f"{outer}__{name}" for outer, of in nested.items() for name in of.model_fields)]
    return {f"TRANQUERA_{name}".upper() for name in names}


def _said_in(env_file: Path) -> dict[str, str | None]:
    """Read what a file says, by names in capitals; nothing where it cannot be read."""
    try:
        return {name.upper(): value for name, value in dotenv_values(env_file).items()}
    except (UnicodeDecodeError, OSError):
        return {}  # the settings themselves are refused for it
