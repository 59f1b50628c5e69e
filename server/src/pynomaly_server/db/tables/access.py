"""Who may call, and with what: users, sessions, keys and the credentials of sources."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class ApiKeyRow(Base):
    """An API key; the key itself is nowhere, only its HMAC."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    prefix: Mapped[str] = mapped_column(sa.String(16), unique=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class UserRow(Base):
    """A person who logs in; of the password there is the argon2id hash alone."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "username"),
        sa.CheckConstraint("role IN ('viewer', 'analyst', 'operator', 'admin')", name="role"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    username: Mapped[str] = mapped_column(sa.String(128))
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    role: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class LoginSessionRow(Base):
    """What began with a login and goes on as long as its refresh tokens are renewed.

    `prefix` is the public part of all its refresh tokens, `token_hash` the HMAC of the one that works, and
    `renewed_at` when that one was handed out, by the clock of the process that did so.
    """

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    user_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(sa.String(16), unique=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SigningKeyRow(Base):
    """A key that signs access tokens; the key itself follows from the server's secret key.

    It verifies until `expires_at`; the newest of an algorithm that has none signs.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    algorithm: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class FormerSecretKeyRow(Base):
    """A secret key that was the server's before, in `sealed`, which the one that is opens; `id` names it."""

    __tablename__ = "former_secret_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    replaced_at: Mapped[datetime]


class CredentialRow(Base):
    """What a tenant has stored to read its buckets and databases; the secrets are in `sealed`, encrypted."""

    __tablename__ = "credentials"
    __table_args__ = (sa.Index("ix_credentials_tenant_id_id", "tenant_id", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[str] = mapped_column(sa.String(16))
    hint: Mapped[str] = mapped_column(sa.String(255))
    endpoint: Mapped[str] = mapped_column(sa.String(512))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
