# SPDX-License-Identifier: Apache-2.0
"""The digits on the simulated card: as accurate as, and byte for byte equal to, the fast model."""

from weft_command import DEVICE, WEFT, CommandTest, main


class Digits(CommandTest):
    def test_the_card_equals_the_fast_model(self):
        run = ["run", "digits.safetensors", "--data", "digits", "--device"]
        card = self.json_of(*run, DEVICE)
        model = self.json_of(*run, "fast:")
        self.assertGreaterEqual(card["accuracy"], 0.95)
        self.assertEqual(card["logits_hash"], model["logits_hash"])
        self.assertEqual(card["predictions"], model["predictions"])
        self.assertEqual(card["cycles"], sum(layer["cycles"] for layer in card["layers"]))

    def test_two_cards_share_the_rows(self):
        run = ["run", "digits.safetensors", "--data", "digits", "--device"]
        both = self.json_of(*run, f"{DEVICE},{DEVICE}")
        self.assertEqual(both["device"], f"{DEVICE},{DEVICE}")
        self.assertEqual(both["logits_hash"], self.json_of(*run, "fast:")["logits_hash"])
        self.assertEqual(both["cycles"], sum(layer["cycles"] for layer in both["layers"]))
        # A batch for each, as one card runs them one after another.
        alone = self.json_of(*run, DEVICE, "--batch", 180)
        self.assertEqual(both["layers"], alone["layers"])

    def test_what_was_trained_runs_on_the_card(self):
        trained = self.json_of(
            *("train", "digits", "--model", "cnn", "--epochs", 2, "-o", "c.safetensors"),
        )
        run = ["run", "c.safetensors", "--data", "digits", "--device"]
        card, model = self.json_of(*run, DEVICE), self.json_of(*run, "fast:")
        self.assertEqual(card["accuracy"], trained["test_accuracy"])
        self.assertEqual(card["logits_hash"], model["logits_hash"])
        self.assertEqual(card["cycles"], sum(layer["cycles"] for layer in card["layers"]))
        products = [layer for layer in card["layers"] if layer["m"] is not None]
        self.assertEqual(
            [layer["weight"] for layer in products], [f"layer{i}.weight" for i in range(3)]
        )
        for layer in products:
            self.assertGreater(layer["utilisation"], 0)
            self.assertLess(layer["utilisation"], 1)

    def test_every_cycle_of_every_unit_has_a_state(self):
        result = self.json_of("bench", "gemm", "--device", DEVICE, "--m", 64, "--n", 64, "--k", 64)
        sums = {states["sum"] for states in result["counters"].values()}
        self.assertEqual(len(sums), 1)
        self.assertGreaterEqual(result["cycles"], sums.pop())

    def test_a_recording_of_the_fast_model_replays_on_the_card(self):
        small = [WEFT, "bench", "gemm", "--device", "fast:?config=small"]
        self.run_weft("record", "-o", "x.weft", "--", *small, "--m", "33", "--n", "17", "--k", "70")
        self.assertTrue(self.json_of("replay", "x.weft", "--device", DEVICE)["equal"])
        both = ("diff", "x.weft", "--device", "fast:", "--device", DEVICE)
        self.assertTrue(self.json_of(*both)["equal"])


if __name__ == "__main__":
    main()
