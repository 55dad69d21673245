"""Everything marketing listens to. One line per event: this file is the map."""

from shared.subscriptions import Subscriptions

subscriptions = Subscriptions(group="marketing")
