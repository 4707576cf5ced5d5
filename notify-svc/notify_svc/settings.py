"""Settings of notify-svc, read once."""

from __future__ import annotations

from dataclasses import dataclass

from fascia.settings import ServiceSettings, SettingsError, setting


@dataclass(frozen=True, kw_only=True)
class NotifySettings(ServiceSettings):
    """Providers, the addresses that links and webhooks use, and what a practice gets before it sets its own policy."""

    public_url: str = setting(
        "FASCIA_NOTIFY_PUBLIC_URL",
        "http://127.0.0.1:8104",
        meaning="this service as providers and patients reach it; webhook signatures are checked against it exactly",
    )
    outcomes_public_url: str = setting(
        "FASCIA_OUTCOMES_PUBLIC_URL", "http://127.0.0.1:8103", meaning="outcomes-svc as patients reach it, for links"
    )
    scheduling_public_url: str = setting(
        "FASCIA_SCHEDULING_PUBLIC_URL",
        "http://127.0.0.1:8101",
        meaning="scheduling-svc as the desk reaches it, for links to the board",
    )
    sender_name: str = setting(
        "FASCIA_SENDER_NAME", "Fascia practice", meaning="who signs messages until a practice says otherwise"
    )
    twilio_base_url: str = setting(
        "FASCIA_TWILIO_BASE_URL", "https://api.twilio.com", meaning="address of the SMS provider's API"
    )
    twilio_account_sid: str = setting("FASCIA_TWILIO_ACCOUNT_SID", "", meaning="account; empty: no SMS can be sent")
    twilio_auth_token: str = setting("FASCIA_TWILIO_AUTH_TOKEN", "", meaning="its token, also the key of webhooks")
    sms_sender: str = setting("FASCIA_SMS_SENDER", "+15005550006", meaning="number that texts come from, E.164")
    opt_out_confirmed_by: str = setting(
        "FASCIA_OPT_OUT_CONFIRMED_BY",
        "notify",
        meaning="who answers STOP: notify, or provider where its opt-out management is on",
    )
    smtp_host: str = setting("FASCIA_SMTP_HOST", "127.0.0.1", meaning="mail relay")
    smtp_port: int = setting("FASCIA_SMTP_PORT", 25, meaning="its port")
    smtp_user: str = setting("FASCIA_SMTP_USER", "", meaning="user at the relay; empty: no login")
    smtp_password: str = setting("FASCIA_SMTP_PASSWORD", "", meaning="password at the relay")
    smtp_starttls: bool = setting("FASCIA_SMTP_STARTTLS", False, meaning="encrypt the dialogue; needed for a login")
    mail_sender: str = setting("FASCIA_MAIL_SENDER", "practice@example.org", meaning="address that mail comes from")
    mail_lookup_url: str = setting(
        "FASCIA_MAIL_LOOKUP_URL",
        "",
        meaning="where mail can be looked up by Message-ID before it is sent again; empty: a person decides",
    )
    provider_timeout_seconds: float = setting(
        "FASCIA_PROVIDER_TIMEOUT_SECONDS", 7.0, meaning="longest wait for an answer of a provider"
    )
    attempt_lease_seconds: float = setting(
        "FASCIA_ATTEMPT_LEASE_SECONDS", 30.0, meaning="how long an attempt belongs to its worker; 4 timeouts or more"
    )
    delivery_check_seconds: float = setting(
        "FASCIA_DELIVERY_CHECK_SECONDS",
        90.0,
        meaning="after which the provider is asked about a text whose delivery it did not report",
    )
    send_threads: int = setting("FASCIA_SEND_THREADS", 8, meaning="messages that one worker sends at a time")

    def __post_init__(self) -> None:
        """Raise SettingsError for values that contradict each other."""
        if self.attempt_lease_seconds < 4 * self.provider_timeout_seconds:
            raise SettingsError(
                "FASCIA_ATTEMPT_LEASE_SECONDS must be at least 4 times FASCIA_PROVIDER_TIMEOUT_SECONDS: an attempt "
                "that outlives its lease could be sent a second time"
            )
        if self.opt_out_confirmed_by not in ("notify", "provider"):
            raise SettingsError("FASCIA_OPT_OUT_CONFIRMED_BY must be notify or provider")


def notify_settings(settings: ServiceSettings) -> NotifySettings:
    """The settings of a unit of work or runtime, as this service's own."""
    if not isinstance(settings, NotifySettings):
        raise TypeError("notify-svc was started with another service's settings")
    return settings
