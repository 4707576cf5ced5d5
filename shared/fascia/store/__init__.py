"""The only way to the database: tenant-bound collections inside a unit of work."""

from fascia.store.indexes import Index
from fascia.store.tenant_collection import Document, TenantCollection
from fascia.store.unit_of_work import PublishedEvent, UnitOfWork

__all__ = ["Document", "Index", "PublishedEvent", "TenantCollection", "UnitOfWork"]
