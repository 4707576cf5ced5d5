"""Who may do what with records. A patient's own access comes by signed links of other services."""

from __future__ import annotations

from fascia.web.principal import Role

FRONT_DESK = (Role.OWNER, Role.ADMIN, Role.DISPATCHER)
REGISTRARS = (*FRONT_DESK, Role.THERAPIST)
AUTHORISERS = (*FRONT_DESK, Role.BILLER)
STAFF = (*FRONT_DESK, Role.THERAPIST, Role.BILLER, Role.AUDITOR)
CLINICAL_READERS = (Role.OWNER, Role.ADMIN, Role.THERAPIST, Role.AUDITOR)
CLINICIANS = (Role.THERAPIST,)
IMPORTERS = (Role.OWNER, Role.ADMIN, Role.SERVICE)
AUDITORS = (Role.OWNER, Role.ADMIN, Role.AUDITOR)
