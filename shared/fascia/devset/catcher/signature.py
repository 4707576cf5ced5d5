"""The signature that Twilio puts on its webhooks: HMAC-SHA1 over the URL followed by the sorted parameters, in base64.

Source of the rule: Twilio's page on securing requests ("Validating Signatures from Twilio").
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """The value of X-Twilio-Signature for a form posted to exactly this URL."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    # The provider's protocol fixes SHA-1; the security rests on the key of the HMAC.
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
