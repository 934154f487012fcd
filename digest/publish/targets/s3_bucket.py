"""Objects below a prefix of one bucket: read, put, listed and deleted, with retries."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the library calls it so
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from digest.errors import PublishError
from digest.publish import failures
from digest.publish.redact import Redactor
from digest.publish.retry import Policy, Transient, after_of, passing, retrying

PART = 8 << 20
"""Bytes of a part; a file above that goes in several."""

CREDENTIALS = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use ~/.aws/credentials (AWS_PROFILE)"
)
_DENIED = {
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}
_SLOW = {"RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"}


class ConflictError(Exception):
    """A precondition did not hold: somebody else wrote that object."""


class Found(msgspec.Struct, frozen=True, array_like=True):
    """An object as the listing tells it."""

    size: int
    etag: str


class Text(msgspec.Struct, frozen=True):
    """A small object that was read whole; ``age`` in seconds by the clock of the server."""

    body: bytes
    etag: str
    age: float


class Bucket:
    """A bucket's objects below ``prefix``. State: whether the server knows preconditions."""

    def __init__(
        self, name: str, prefix: str, client: Any, policy: Policy, redactor: Redactor
    ) -> None:
        self._name, self._prefix, self._client = name, prefix, client
        self._policy, self._redactor = policy, redactor
        self.conditional = True

    def listing(self) -> dict[str, Found]:
        """All objects below the prefix, by path."""
        found: dict[str, Found] = {}
        token: dict[str, str] = {}
        while True:
            answer = self._ask("list_objects_v2", Prefix=self._prefix, **token)
            for entry in answer.get("Contents", ()):
                path = entry["Key"][len(self._prefix) :]
                if path and not path.endswith("/"):  # else the mark of a folder
                    found[path] = Found(entry["Size"], entry["ETag"].strip('"'))
            if not answer.get("IsTruncated"):
                return found
            token = {"ContinuationToken": answer["NextContinuationToken"]}

    def read(self, path: str) -> Text | None:
        """A small object; None when there is none."""

        def work() -> Text:
            answer = self._client.get_object(Bucket=self._name, Key=self._prefix + path)
            with answer["Body"] as stream:
                body = stream.read()
            now = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
            return Text(body, answer["ETag"].strip('"'), _age(now, answer["LastModified"]))

        try:
            found: Text = self._tried(work)
        except _Missing:
            return None
        return found

    def put(self, path: str, body: bytes, headers: Mapping[str, Any]) -> str:
        """Put a small object; returns its ETag."""
        answer = self._ask(
            "put_object", Key=self._prefix + path, Body=body, ContentMD5=_md5(body), **headers
        )
        etag: str = answer["ETag"]
        return etag.strip('"')

    def exchange(self, path: str, body: bytes, headers: Mapping[str, Any], seen: str) -> str:
        """Put an object only if it still has the ETag ``seen`` ("": only if there is none).

        Raises ConflictError otherwise. Where the server knows no preconditions, the object is
        looked at right before and read again right after: a gap of one round trip.
        """
        condition = {"IfMatch": f'"{seen}"'} if seen else {"IfNoneMatch": "*"}
        if self.conditional:
            try:
                return self.put(path, body, {**headers, **condition})
            except _Missing:
                raise ConflictError(path) from None
            except ConflictError:
                return self._mine(path, body)
            except _Unsupported:
                self.conditional = False
        now = self.read(path)
        if (now.etag if now else "") != seen:
            raise ConflictError(path)
        self.put(path, body, headers)
        return self._mine(path, body)

    def _mine(self, path: str, body: bytes) -> str:
        """The ETag of an object that holds ``body``: a try whose answer was lost had put it."""
        now = self.read(path)
        if now is None or now.body != body:
            raise ConflictError(path)
        return now.etag

    def send(self, path: str, source: Path, size: int, headers: Mapping[str, Any]) -> str:
        """Put a file, in parts when it is large; returns its ETag."""
        if size <= PART:
            return self.put(path, source.read_bytes(), headers)
        key = self._prefix + path
        upload = self._ask("create_multipart_upload", Key=key, **headers)["UploadId"]
        try:
            parts = [
                {"PartNumber": number, "ETag": self._part(key, upload, number, part)}
                for number, part in enumerate(_parts(source), 1)
            ]
            answer = self._ask(
                "complete_multipart_upload",
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
            )
        except BaseException:
            self._abort(key, upload)
            raise
        etag: str = answer["ETag"]
        return etag.strip('"')

    def _part(self, key: str, upload: str, number: int, part: bytes) -> str:
        answer = self._ask(
            "upload_part",
            Key=key,
            UploadId=upload,
            PartNumber=number,
            Body=part,
            ContentMD5=_md5(part),
        )
        etag: str = answer["ETag"]
        return etag

    def _abort(self, key: str, upload: str) -> None:
        """Parts that nobody sees cost money; if the server is gone, its own rule must end them."""
        try:
            self._client.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload)
        except (BotoCoreError, ClientError):
            return

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects, a thousand in one request, or singly where the server refuses that."""
        for start in range(0, len(paths), 1000):
            some = paths[start : start + 1000]
            try:
                left = self._delete_many(some)
            except _Unsupported:
                left = list(some)  # MissingContentMD5 and the like: B2, older servers
            except PublishError as error:
                if error.problems[0].code != "D922":  # the network or the key would fail again
                    raise
                left = list(some)
            for path in left:
                self._ask("delete_object", Key=self._prefix + path)

    def _delete_many(self, paths: Sequence[str]) -> list[str]:
        """Paths that one request for all of them did not delete."""
        if len(paths) == 1:
            return list(paths)
        objects = [{"Key": self._prefix + path} for path in paths]
        answer = self._ask("delete_objects", Delete={"Objects": objects, "Quiet": True})
        return [error["Key"][len(self._prefix) :] for error in answer.get("Errors", ())]

    def _ask(self, operation: str, **arguments: Any) -> Any:
        call = getattr(self._client, operation)
        body: bytes | None = arguments.pop("Body", None)

        def work() -> Any:
            # As a stream, so that the time limit holds for each block and not for the whole body.
            stream = {} if body is None else {"Body": BytesIO(body)}
            return call(Bucket=self._name, **arguments, **stream)

        return self._tried(work)

    def _tried(self, work: Any) -> Any:
        def once() -> Any:
            try:
                return work()
            except ClientError as error:
                raise self._refusal(error) from error
            except (ResponseParserError, BotoCoreError) as error:
                raise self._trouble(error) from error

        try:
            return retrying(once, self._policy)
        except Transient as error:
            raise failures.unreachable(str(error)) from error

    def _refusal(self, error: ClientError) -> Exception:
        """What an answer other than success means."""
        code = error.response.get("Error", {}).get("Code", "")
        answer = error.response.get("ResponseMetadata", {})
        status = answer.get("HTTPStatusCode", 0)
        said = self._redactor(f"{self._name}: {error}")
        if code in {"PreconditionFailed", "ConditionalRequestConflict"} or status == 412:
            return ConflictError(said)
        if code == "NoSuchBucket":
            return failures.rejected(said, "make the bucket first, or mend the url of the target")
        if code in {"NoSuchKey", "404"}:
            return _Missing(said)
        if code in {"NotImplemented", "MissingContentMD5"}:
            return _Unsupported(said)
        if code in _DENIED or status in {401, 403}:
            return failures.denied(said, CREDENTIALS)
        if code in _SLOW or passing(status):
            wait = answer.get("HTTPHeaders", {}).get("retry-after")
            return Transient(said, after_of(wait, time.time()))
        return failures.rejected(said)

    def _trouble(self, error: Exception) -> Exception:
        """What a failure without an answer means."""
        said = self._redactor(f"{self._name}: {error}")
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return failures.missing_credentials(said, CREDENTIALS)
        lost = (CredentialRetrievalError, TokenRetrievalError, UnauthorizedSSOTokenError)
        if isinstance(error, lost):
            return failures.denied(said, CREDENTIALS)
        if isinstance(error, SSLError) and "CERTIFICATE" in str(error).upper():
            return failures.rejected(said, "the server's certificate is not trusted")
        if isinstance(error, ResponseParserError | HTTPClientError | ConnectionError):
            return Transient(said)
        return failures.rejected(said)


class _Missing(Exception):  # noqa: N818 - an answer rather than an error
    """There is no such object."""


class _Unsupported(Exception):  # noqa: N818 - as above
    """The server does not know that kind of request."""


def expected_etag(source: Path, size: int) -> str:
    """The ETag of a file once it is put, as servers without encryption of their own count it.

    MD5 of the content, or of the MD5s of its parts with their number.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if size <= PART:
        return md5(source.read_bytes(), usedforsecurity=False).hexdigest()
    sums = [md5(part, usedforsecurity=False).digest() for part in _parts(source)]
    return f"{md5(b''.join(sums), usedforsecurity=False).hexdigest()}-{len(sums)}"


def _parts(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while part := file.read(PART):
            yield part


def _md5(body: bytes) -> str:
    """So that bytes which change on the way are refused by every kind of server."""
    return b64encode(md5(body, usedforsecurity=False).digest()).decode()


def _age(now: str, modified: datetime) -> float:
    try:
        return (parsedate_to_datetime(now) - modified).total_seconds()
    except ValueError:
        return 0.0
