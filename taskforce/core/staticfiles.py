"""Static files under hashed names, compressed once at collection."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashed names; a name that the manifest lacks is a broken page, so it fails at once."""

    manifest_strict = True
