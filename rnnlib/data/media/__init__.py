"""Recordings and videos: files of sound and of pictures become sequences."""
