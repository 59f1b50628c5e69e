# Made from async_credentials.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Stored access to buckets and databases: `client.credentials`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pynomaly._generated.resources_sync import CredentialsResource

if TYPE_CHECKING:
    from pynomaly._generated.models import Credential, GcsSecrets, PostgresqlSecrets, S3Secrets


class Credentials(CredentialsResource):
    """Stores, lists, replaces and deletes what batch jobs need to read buckets and databases."""

    def create(self, name: str, secrets: S3Secrets | GcsSecrets | PostgresqlSecrets) -> Credential:
        """Store secrets, encrypted; nothing shows them again.

        Args:
            name: What the credential is for.
            secrets: `pynomaly.S3Secrets`, `pynomaly.GcsSecrets` or `pynomaly.PostgresqlSecrets`.

        Raises:
            DataError: `secrets` is none of them.
            UnprocessableEntityError: They cannot be used, or would be sent to an address that is not allowed.
            ConflictError: There are as many credentials as there may be.
        """
        from pynomaly.requests import credential_request

        return self.create_credential(credential_request(name, secrets))

    def list(self) -> Iterator[Credential]:
        """Every credential, newest first, without its secrets; pages are fetched as needed."""
        return self.list_credentials_iter()

    def get(self, credential_id: str) -> Credential:
        """Describe the credential with the id `credential_id`; raises `NotFoundError`."""
        return self.get_credential(credential_id)

    def replace(
        self, credential_id: str, name: str, secrets: S3Secrets | GcsSecrets | PostgresqlSecrets
    ) -> Credential:
        """Put a new name and new secrets of the same kind in place of the old.

        Args:
            credential_id: Id of the credential, which stays.
            name: What it is for.
            secrets: Secrets of the kind it has.

        Raises:
            NotFoundError: There is no such credential.
            DataError, UnprocessableEntityError: As `create` does.
        """
        from pynomaly.requests import credential_request

        return self.replace_credential(credential_id, credential_request(name, secrets))

    def delete(self, credential_id: str) -> None:
        """Delete the credential with the id `credential_id`.

        Raises:
            NotFoundError: There is no such credential.
            ConflictError: A job that has not ended is to use it; the message names the job.
        """
        self.delete_credential(credential_id)
